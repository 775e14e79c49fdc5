import type { CheckId, PhaseId } from './catalogue.ts';

export const FINDING_SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/** Who said something: a run, a check, or the declarations themselves. */
export interface Source {
  readonly kind: 'experiment' | 'load' | 'check' | 'declarations';
  readonly name: string;
  /** Path of its own report, from the audit's folder. */
  readonly report?: string;
}

/** What is wrong, as its source tells it. */
export interface Flaw {
  /** Tells it from others of the same source, and stays the same from audit to audit. */
  readonly slug: string;
  readonly severity: FindingSeverity;
  /** One sentence. */
  readonly claim: string;
  /** Never empty, never with a key or other content. */
  readonly evidence: readonly string[];
  readonly remedy: string;
}

export interface Finding extends Omit<Flaw, 'slug'> {
  /** `vulnerabilities/declarations/plain-http-openai`. */
  readonly id: string;
  readonly check: CheckId;
  /** Other checks that it fails too. */
  readonly also: readonly CheckId[];
  readonly source: Source;
  /** Command that tests it again. */
  readonly retest: string;
}

/** What one source tells of one check. */
export interface Told {
  /** What was seen to be right. */
  readonly shown: readonly string[];
  readonly flaws: readonly Flaw[];
  /** What could not be told, and why. */
  readonly untold: readonly string[];
}

export interface Answer extends Told {
  readonly check: CheckId;
  readonly source: Source;
  readonly retest: string;
  /** It was there to assess the check: without `untold` it has, and with it the check is not assessed. Others only add. */
  readonly settles: boolean;
}

/** Somebody's word for a check, until it expires. */
export interface Attestation {
  readonly check: CheckId;
  readonly by: string;
  /** Day, `2026-10-01`. */
  readonly on: string;
  /** Last day on which it counts. */
  readonly expires: string;
  readonly reference: string;
  readonly says: string;
}

export type CheckStatus = 'passed' | 'failed' | 'attested' | 'not assessed';

export interface AssessedCheck {
  readonly check: CheckId;
  readonly status: CheckStatus;
  /** Why the suite does without it; null for a mandatory check. */
  readonly optional: string | null;
  readonly shown: readonly string[];
  /** Why it is not assessed, or not wholly; what is wrong with an attestation. */
  readonly missing: readonly string[];
  readonly attestation: Attestation | null;
  readonly sources: readonly Source[];
  /** Ids of its findings, the gravest first. */
  readonly findings: readonly string[];
}

export const READINESS = ['ready', 'not-ready', 'not-shown'] as const;
export type Readiness = (typeof READINESS)[number];

export interface AuditVerdict {
  readonly word: Readiness;
  readonly headline: string;
  readonly why: readonly string[];
}

export interface PlanItem {
  readonly severity: FindingSeverity | null;
  /** What to do. */
  readonly action: string;
  /** Findings that it mends, or checks that it assesses. */
  readonly mends: readonly string[];
  readonly retest: readonly string[];
}

export interface Phase {
  readonly id: PhaseId;
  readonly title: string;
  /** `weeks 1 and 2`. */
  readonly weeks: string;
  readonly items: readonly PlanItem[];
}

/** A part of the suite, as it was played. */
export interface Part {
  readonly source: Source;
  /** `held`, `met`, `found 2`, `not told`. */
  readonly outcome: string;
  readonly sentence: string;
  readonly ms: number;
}

/** All that an audit comes to: `audit.json`, and what its pages are made of. */
export interface Audit {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly startedAt: string;
  /** Null while it is under way, and for ever where it was killed. */
  readonly endedAt: string | null;
  /** Why it did not play its whole suite; null where it did. */
  readonly interrupted: string | null;
  readonly faultline: string;
  readonly environment: string;
  readonly suite: { readonly file: string; readonly hash: string; readonly text: string };
  readonly verdict: AuditVerdict;
  /** What a reader must hear before all else: faults of which it is not proven that they were taken back. */
  readonly alarms: readonly string[];
  readonly checks: readonly AssessedCheck[];
  readonly findings: readonly Finding[];
  readonly plan: readonly Phase[];
  readonly parts: readonly Part[];
}
