import type { EvidenceFigure, JudgedTest, ProbeWindow } from '../../core/journal.ts';
import type { AbortRule } from '../../core/limits.ts';
import type { Sample } from '../../core/ports.ts';

/** What a judge is shown: after a sample of its probe, and on each tick of the monitor. */
export interface Sight {
  /** Monotonic ms. */
  readonly at: number;
  /** The sample that just ended; absent on a tick. */
  readonly sample?: Sample;
  readonly window: ProbeWindow;
  /** Its probe's window before the first fault. */
  readonly baseline: ProbeWindow | undefined;
}

/** Why health has become unacceptable. */
export interface Breach {
  readonly rule: AbortRule;
  readonly probe: string;
  readonly value: number;
  /** NaN for none. */
  readonly baseline: number;
  /** A sentence with the rule, the figures and how many samples they stand on. */
  readonly text: string;
}

/** Decides for one probe by one rule whether the faults must be taken back. */
export interface Judge {
  readonly probe: string;
  /** What it judges by, for the record; absent where the rule says it all. */
  basis?(): readonly JudgedTest[];
  judge(sight: Sight): Breach | undefined;
  /** What is worth recording since it was last asked. */
  news?(): readonly EvidenceFigure[];
}
