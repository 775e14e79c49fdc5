import type { ActionItem } from '../../report/findings.ts';
import type { Outcome, Summary } from '../../report/summary.ts';
import type { GameDay } from '../contract.ts';
import type { Prediction } from '../state.ts';

/** What a game day comes to: `report.json` as it is. */
export interface GameDayReport {
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly stopped: { readonly by: string; readonly reason: string } | null;
  readonly people: readonly (GameDay['people'][number] & { readonly joined: boolean })[];
  readonly items: readonly ReportItem[];
  /** How often each was right, of what could be judged. */
  readonly scores: readonly { readonly name: string; readonly right: number; readonly of: number }[];
  readonly lessons: readonly ReportLesson[];
  readonly actions: readonly ReportAction[];
  readonly timeline: readonly Moment[];
  readonly source: GameDay['source'];
}

export interface ReportItem {
  readonly number: number;
  readonly title: string;
  readonly experiment: string;
  readonly blind: boolean;
  /** Null where it was never begun. */
  readonly run: string | null;
  /** Path of the run's report from the game day's folder. */
  readonly report: string | null;
  readonly outcome: Outcome | 'left out' | 'not played';
  readonly sentence: string;
  /** What left its baseline first, and when; null where no run tells. */
  readonly first: string | null;
  readonly prompt: string;
  readonly predictions: readonly JudgedPrediction[];
}

export interface JudgedPrediction extends Prediction {
  /** Whether the verdict that it begins with came; null where it names none, or there was no verdict. */
  readonly right: boolean | null;
  /** Whether the probe that it says fails first left its baseline first; null where it names none, or no run tells. */
  readonly rightFirst: boolean | null;
}

export type ReportLesson = Summary['lessons'][number] & { readonly from: string };

export interface ReportAction extends Pick<ActionItem, 'action' | 'because'> {
  /** Null for what people noted. */
  readonly severity: ActionItem['severity'] | null;
  readonly retest: string | null;
  /** Who does it; null where nobody was named. */
  readonly owner: string | null;
  readonly from: string;
}

export interface Moment {
  readonly t: string;
  readonly who: string;
  readonly kind: 'note' | 'act' | 'run';
  readonly bad: boolean;
  readonly text: string;
}
