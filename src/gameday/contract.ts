import type { Verdict } from '../core/verdict.ts';

/** `observer`: watches, predicts and notes; is not told what a blind item does. `scribe`: writes, and sees all. */
export const PERSON_ROLES = ['lead', 'operator', 'observer', 'scribe'] as const;

export interface Person {
  readonly name: string;
  readonly role: (typeof PERSON_ROLES)[number];
}

/** What opens the way into an item of the agenda: a person, or the time. */
export type ItemGate =
  | { readonly kind: 'manual' }
  /** So long after the item before was over. */
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'at'; readonly at: string };

export interface AgendaItem {
  readonly title: string;
  /** Name of a known experiment. */
  readonly experiment: string;
  readonly gate: ItemGate;
  /** Observers are not told the experiment, its faults and the names of its steps before it is over. */
  readonly blind: boolean;
  /** What people are asked to predict. */
  readonly prompt: string;
  readonly approvedBy: readonly string[];
}

export interface GameDay {
  readonly name: string;
  readonly title: string;
  readonly people: readonly Person[];
  readonly agenda: readonly AgendaItem[];
  readonly source: { readonly file: string; readonly hash: string };
}

/** A step of a run, by its place in the plan. */
export interface StepRef {
  readonly index: number;
  readonly name: string;
}

export interface ItemEnd {
  readonly verdict: Verdict;
  readonly exit: number;
  readonly sentence: string;
}

/** What somebody saw when they acted. Where somebody else was faster nothing is done in its place. */
export interface Aim {
  readonly item: number;
  /** The item was at its gate. */
  readonly gate: boolean;
}

/** What people do. What `go`, `hold` and `skip` mean follows from what is under way. */
export type Act =
  | { readonly type: 'joined'; readonly by: string }
  | { readonly type: 'predicted'; readonly by: string; readonly item: number; readonly text: string }
  | { readonly type: 'go' | 'hold' | 'skip'; readonly by: string; readonly aim?: Aim }
  | { readonly type: 'noted'; readonly by: string; readonly text: string }
  | { readonly type: 'stopped'; readonly by: string; readonly reason: string };

/** What plays a game day. */
export type DriverPlace = 'terminal' | 'control plane';

/** What becomes of the runs. */
export type Progress =
  | ({ readonly type: 'run-started'; readonly item: number } & { readonly run: string })
  /** It did not come to a run; the item is at its gate again. */
  | { readonly type: 'run-refused'; readonly item: number; readonly reason: string }
  /** It goes on by itself: the process that could hold its steps has ended. */
  | { readonly type: 'run-alone'; readonly item: number }
  | ({ readonly type: 'step-waiting' | 'step-begun'; readonly item: number } & StepRef)
  | ({ readonly type: 'run-ended'; readonly item: number } & ItemEnd);

export type GameDayBody =
  | { readonly type: 'opened'; readonly id: string; readonly gameDay: GameDay }
  /** Somebody plays it from now on. */
  | { readonly type: 'driving'; readonly place: DriverPlace }
  | Act
  | Progress;

/** One line of a game day's journal. */
export type GameDayEvent = GameDayBody & {
  readonly v: 1;
  /** RFC 3339. */
  readonly t: string;
};
