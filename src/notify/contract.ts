import type { Readiness } from '../audit/contract.ts';
import type { Verdict } from '../core/verdict.ts';

/** What people and programs are told of; `missed` and `skipped` are occurrences of a schedule, `halt` is the kill switch, `audit` the end of one. */
export const OCCASIONS = [
  'start',
  'step',
  'breach',
  'rollback',
  'end',
  'missed',
  'skipped',
  'halt',
  'audit',
] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** One thing that happened, for whoever is not looking. Holds nothing but what a journal or a schedule's history holds. */
export interface Notice {
  readonly occasion: Occasion;
  /** When, RFC 3339; of what lasted, its end. */
  readonly at: string;
  /** When that which lasted began, RFC 3339. */
  readonly from?: string;
  /** In a few words. */
  readonly headline: string;
  /** In a sentence. */
  readonly text: string;
  readonly experiment?: string;
  readonly run?: string;
  readonly schedule?: string;
  readonly audit?: string;
  readonly verdict?: Verdict | Readiness;
  /** Exit code of `faultline run`, or of `faultline audit`. */
  readonly exit?: number;
}

/** A request that carries a notice. Always a POST of JSON. */
export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Somebody who is told. */
export interface Channel {
  /** For logs and metrics: it says nothing of where it leads. */
  readonly name: string;
  readonly kind: string;
  wants(notice: Notice): boolean;
  /**
   * The request for a notice, made anew for each attempt.
   * @param id the same for every attempt
   * @throws Error in words without the secret, where what it refers to is not there
   */
  message(notice: Notice, id: string): Message;
}
