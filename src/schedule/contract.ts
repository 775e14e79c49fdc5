/** An experiment, or a pool of them, that starts by the calendar. */
export interface Schedule {
  readonly name: string;
  /** Five fields (minute hour day month weekday), or six with seconds first. */
  readonly cron: string;
  /** IANA name. */
  readonly zone: string;
  /** Names of known experiments. */
  readonly experiments: readonly string[];
  /** Which of several it starts: one drawn at random, or each in turn. */
  readonly pick: 'random' | 'turn';
  /** What becomes of an occurrence whose predecessor still runs: it is skipped, or takes its place. */
  readonly concurrencyPolicy: 'Forbid' | 'Replace';
  /** How late it may start, after its jitter. */
  readonly startingDeadlineSeconds: number;
  /** Each occurrence starts up to so much later, always equally much for the same occurrence. */
  readonly jitterMs: number;
  readonly approvedBy: readonly string[];
  readonly paused: boolean;
}

/**
 * What became of an occurrence: `claimed` by a controller that is about to start it; `started`; `ended` with a verdict;
 * `skipped` for a stated reason; `missed` because no controller could start it in time.
 */
export type OccurrenceState = 'claimed' | 'started' | 'ended' | 'skipped' | 'missed';

export interface OccurrenceRecord {
  readonly schedule: string;
  /** When it was due, RFC 3339 in UTC, without its jitter. */
  readonly due: string;
  /** When this was recorded, RFC 3339. */
  readonly at: string;
  readonly state: OccurrenceState;
  /** In a sentence without a full stop. */
  readonly reason?: string;
  readonly experiment?: string;
  readonly run?: string;
  readonly verdict?: string;
  /** Of one that started: how many its schedule has started by then. */
  readonly turn?: number;
}

/** Up to when a schedule is dealt with. */
export interface Settled {
  /** Wall time, ms. */
  readonly untilMs: number;
  /** The expression and the zone that were in force; undefined where an earlier version wrote it down. */
  readonly rule: string | undefined;
}

/** Where schedules keep what they did; shared by all controllers that play the same schedules. */
export interface ScheduleStore {
  /** Takes an occurrence for this controller: true for exactly one caller, for ever. */
  claim(schedule: string, due: string): Promise<boolean>;
  record(entry: OccurrenceRecord): Promise<void>;
  /** The newest first. */
  history(schedule: string, limit: number): Promise<readonly OccurrenceRecord[]>;
  /** Undefined for a schedule that was never seen, or was forgotten. */
  settled(schedule: string): Promise<Settled | undefined>;
  /** Every occurrence up to `untilMs` is dealt with; never goes back. */
  settle(schedule: string, untilMs: number): Promise<void>;
  /** Begins anew from here, whatever was settled before. */
  begin(schedule: string, settled: Settled): Promise<void>;
  /** Forgets up to when all others are settled: one of them that comes back begins anew. Their history stays. */
  keepOnly(schedules: readonly string[]): Promise<void>;
}

/** What is kept of schedules beside their file. */
export interface Booked {
  /** Those made over the API: as entries of the file, and by whom. Not judged yet. */
  readonly made: readonly { readonly entry: unknown; readonly by: string }[];
  /** What was said last over the API: whether a schedule, also one of the file, is paused. */
  readonly paused: ReadonlyMap<string, boolean>;
}

/** Where that is kept; shared by all controllers that play the same schedules. */
export interface ScheduleBook {
  read(): Promise<Booked>;
  put(name: string, entry: unknown, by: string): Promise<void>;
  /** Its pause goes with it. */
  remove(name: string): Promise<void>;
  pause(name: string, paused: boolean): Promise<void>;
}
