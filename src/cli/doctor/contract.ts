import type { SafetyLimits } from '../../core/limits.ts';
import type { ProxyConfig } from '../../proxy/config.ts';

/** `ok`: nothing to do. `warning`: a run goes on, but something is amiss. `refused`: a run would not begin. */
export type Level = 'ok' | 'warning' | 'refused';

export interface Finding {
  readonly level: Level;
  /** What was found, in a sentence; it quotes no secret. */
  readonly says: string;
  /** What to do, in a sentence. */
  readonly remedy?: string;
}

/** What every check looks at. */
export interface Setup {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly control: string;
  /** The `faultline.yaml` that holds for the folder; undefined where there is none, or none that can be read. */
  readonly config: ProxyConfig | undefined;
  /** The built-in ones where the file cannot be read. */
  readonly limits: SafetyLimits;
  readonly experiments: string;
  readonly limitsFile: string | undefined;
  readonly schedules: string;
  /** Address at which a control plane may listen. */
  readonly controlPlane: string;
}

export interface Check {
  readonly name: string;
  look(setup: Setup): Promise<readonly Finding[]>;
}

export const ok = (says: string): Finding => ({ level: 'ok', says });
export const warning = (says: string, remedy: string): Finding => ({ level: 'warning', says, remedy });
export const refused = (says: string, remedy: string): Finding => ({ level: 'refused', says, remedy });
