import { byWhom, type Halt } from '../core/halt.ts';
import type { FaultDriver } from '../core/ports.ts';
import { readStopFile, sayStopFile } from './stop-file.ts';

export interface KillSwitchState {
  /** Path of the stop file. */
  readonly stopFile: string;
  /** The data plane that a run would use, where there is one already. */
  readonly plane?: Pick<FaultDriver, 'state'>;
}

/**
 * Why no run may begin, in a sentence without a full stop; undefined where no kill switch is on. Whoever starts runs asks it
 * first, be it a person, a schedule or an API.
 * @throws where it cannot be told; then no run may begin either
 */
export async function killSwitch({ stopFile, plane }: KillSwitchState): Promise<string | undefined> {
  const halt = await readStopFile(stopFile);
  if (halt) return `${sayStopFile(stopFile, halt)}${byWhom(halt) && ` (written${byWhom(halt)})`}`;
  const { halted } = (await plane?.state()) ?? {};
  return halted && sayHalted(halted);
}

/** That a data plane is halted, and why, without a full stop. */
export function sayHalted(halted: Halt): string {
  return `the data plane is halted since ${halted.since}${byWhom(halted)}: ${halted.reason}`;
}
