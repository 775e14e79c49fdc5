import type { FaultDriver } from '../../core/ports.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';

/** The data plane that a run works with. */
export interface HeldPlane {
  readonly driver: FaultDriver;
  readonly control: string;
  readonly instance: string;
  /** Declarations with the addresses that were really taken as `listen`. */
  readonly proxies: readonly ProxyDeclaration[];
  /** Found running, and so neither stopped nor restarted by the run. */
  readonly adopted: boolean;
  readonly pid?: number;
  readonly startTime?: string;
  /** Ends the process, by force where it does not go. Only where the run started it. */
  readonly stop?: () => Promise<void>;
  /** Whether the process has ended. Only where the run started it. */
  readonly gone?: () => boolean;
  /** Starts a clean one with the same addresses, when this one is gone. Only where the run started it. */
  readonly restart?: () => Promise<HeldPlane>;
  /** Whether nothing is in force on the data plane itself: what is left then is another driver's, and a restart would not help. */
  readonly ownIsEmpty?: () => Promise<boolean>;
  /** Lets go of connections to it; it goes on. */
  readonly release?: () => Promise<void>;
}
