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
  /** The experiment that would show it mended; for `good`, one that would tell more. */
  readonly nextExperiment?: string;
}

/** What a detector found in a run. */
export type Finding = Omit<Lesson, 'id' | 'remedy'>;

/** The journal lacks what the question needs. */
export interface NotAssessed {
  /** What it lacks, and what to add to the experiment so that it could be told. */
  readonly notAssessed: string;
}

/** Looks for one thing in a run. Knows no particular system. */
export interface Detector {
  readonly id: string;
  /** What it asks: "Do clients retry into the fault?" */
  readonly question: string;
  /** When the lesson is stated, with its thresholds. */
  readonly condition: string;
  /** Where the evidence is taken from. */
  readonly evidence: string;
  /** The severities that it may have. */
  readonly severities: readonly Severity[];
  readonly remedy: string;
  /** Of a detector that also tells the good news: what to keep. */
  readonly keep?: string;
  /** A lesson, nothing (asked and not found), or why it cannot be told. */
  detect(view: RunView): Finding | NotAssessed | undefined;
}

export const NO_FAULT: NotAssessed = {
  notAssessed: 'no fault was injected and no step had a load: add a step with either',
};
