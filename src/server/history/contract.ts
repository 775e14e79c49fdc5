import type { Summary } from '../../report/summary.ts';

/** A run that is over, as a list shows it. */
export interface PastRun {
  readonly id: string;
  readonly experiment: string;
  readonly title: string;
  /** RFC 3339. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: Summary['verdict']['outcome'];
  readonly exit: number | null;
  readonly headline: string;
  readonly recoverMs: number | null;
  readonly lessons: number;
  /** Name of the controller that recorded it. */
  readonly controller: string;
}

export interface PastRunsQuery {
  readonly experiment?: string;
  /** Ids before this one; ids sort by their start. */
  readonly before?: string;
  readonly limit: number;
}

export interface History {
  /** The newest first. */
  list(query: PastRunsQuery): Promise<readonly PastRun[]>;
  summary(id: string): Promise<Summary | undefined>;
  /** What it cannot do now and since when, in a sentence; undefined when all is well. */
  readonly degraded: string | undefined;
  close(): Promise<void>;
}

export function pastRun(id: string, controller: string, summary: Summary): PastRun {
  const { run, verdict, times, lessons } = summary;
  return {
    id,
    experiment: run.name,
    title: run.title,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    outcome: verdict.outcome,
    exit: verdict.exit,
    headline: verdict.headline,
    recoverMs: times.recoverMs,
    lessons: lessons.filter(({ severity }) => severity !== 'good').length,
    controller,
  };
}
