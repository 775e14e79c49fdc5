import type { Clock } from '../../core/clock.ts';
import type { JournalBody } from '../../core/journal.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import type { Journal } from '../journal/index.ts';
import type { RecoveredRun } from '../recover.ts';
import type { BeforeStep } from './hold.ts';
import type { RunPorts } from './ports.ts';
import type { StopLatch } from './stop.ts';

/** What every phase of a run works with. */
export interface Run {
  readonly id: string;
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly latch: StopLatch;
  readonly ports: RunPorts;
  /** Ctrl-C and a halt from outside. */
  readonly signal: AbortSignal;
  readonly keepProxy: boolean;
  readonly approvals: readonly string[];
  /** Asked before each step, where somebody holds them. */
  readonly beforeStep?: BeforeStep;
  /** Abandoned runs that this one ended, filled in as it begins. */
  readonly recovered: RecoveredRun[];
  /** Records what nobody waits for. */
  record(body: JournalBody): void;
}
