import type { RunView } from './view/view.ts';

export const SEVERITIES = ['critical', 'high', 'medium', 'good'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A claim about the system under test. */
export interface Lesson {
  /** The detector's id. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence with the names and figures of this run. */
  readonly claim: string;
  /** What the journal shows; never empty. */
  readonly evidence: readonly string[];
  /** What to change; for `good`, what to keep. */
  readonly remedy: string;
  /** An experiment that would tell more. */
  readonly nextExperiment?: string;
}

/** The journal lacks what the question needs. */
export interface NotAssessed {
  readonly notAssessed: string;
}

/** Looks for one thing in a run. Knows no particular system. */
export interface Detector {
  readonly id: string;
  /** What it asks: "Do clients retry into the fault?" */
  readonly question: string;
  /** A lesson, nothing (asked and not found), or why it cannot be told. */
  detect(view: RunView): Omit<Lesson, 'id'> | NotAssessed | undefined;
}
