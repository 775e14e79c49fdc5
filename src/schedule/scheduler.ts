import type { Clock } from '../core/clock.ts';
import type { LaunchEnd, LaunchedRun, Launcher } from '../core/launch.ts';
import { reasonOf } from '../core/reason.ts';
import { EXIT } from '../core/verdict.ts';
import type { OccurrenceRecord, Schedule, ScheduleStore } from './contract.ts';
import { type Occurrences, occurrencesOf } from './occurrences.ts';
import { experimentOf, jitterOf } from './pick.ts';

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly store: ScheduleStore;
  readonly launcher: Pick<Launcher, 'start' | 'running'>;
  /** How a run ended that another controller, or an earlier life of this one, has started; undefined where nobody knows. */
  readonly outcomeOf: (run: string) => Promise<LaunchEnd | undefined>;
  /** Why nothing may start at this time, in a sentence without a full stop: windows, freezes, the kill switch. */
  readonly closed: (wallMs: number) => string | undefined | Promise<string | undefined>;
  /** Told of what could not be written or read; the scheduler goes on. */
  readonly onError: (error: unknown) => void;
}

export interface Scheduler {
  /** Replaces all schedules. A schedule that is new begins with its next occurrence. */
  set(schedules: readonly Schedule[]): void;
  /** Looks what is due now. Called by itself while started; never twice at once. */
  look(): Promise<void>;
  /** Begins to look by itself. */
  start(): void;
  /** Starts nothing more; runs that go on are left to themselves. */
  stop(): void;
}

/** At most so long between two looks: a clock that was set, and a schedule that another controller changed, are seen by then. */
const LOOK_MS = 15_000;
/** Missed occurrences that are written down one by one; those before them come in one entry. */
const MOST_MISSED = 20;
const HISTORY = 1000;

/**
 * Starts experiments when they are due. Each occurrence is claimed in the store before it is started, so that it starts once,
 * whatever restarts and however many controllers look; one that nobody could start in time is recorded as missed.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, onError } = options;
  let schedules: readonly Scheduled[] = [];
  let cancel: (() => void) | undefined;
  let looking: Promise<void> | undefined;

  const look = async () => {
    for (const one of schedules) {
      try {
        await one.look();
      } catch (error) {
        onError(error);
      }
    }
  };
  const lookOnce = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const tick = async () => {
    await lookOnce();
    if (cancel) cancel = clock.after(untilNext(), tick);
  };
  const untilNext = () =>
    Math.max(50, Math.min(LOOK_MS, ...schedules.map((one) => one.nextAt() - clock.wall())));

  return {
    set(next) {
      const known = new Map(schedules.map((one) => [one.schedule.name, one]));
      schedules = next.map(
        (schedule) => known.get(schedule.name)?.changed(schedule) ?? new Scheduled(schedule, options),
      );
    },
    look: lookOnce,
    start() {
      cancel ??= clock.after(0, tick);
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

/** One schedule at work. */
class Scheduled {
  schedule: Schedule;
  readonly #options: SchedulerOptions;
  #occurrences: Occurrences;
  #run: LaunchedRun | undefined;
  /** Runs that it has started, for its turns; unknown until the first look. */
  #started = -1;

  constructor(schedule: Schedule, options: SchedulerOptions) {
    this.schedule = schedule;
    this.#options = options;
    this.#occurrences = occurrencesOf(schedule.cron, schedule.zone);
  }

  changed(schedule: Schedule): this {
    this.schedule = schedule;
    this.#occurrences = occurrencesOf(schedule.cron, schedule.zone);
    return this;
  }

  /** When the next occurrence starts, its jitter included. */
  nextAt(): number {
    const now = this.#options.clock.wall();
    const next = this.#occurrences.after(now - this.schedule.jitterMs);
    return next + jitterOf(this.schedule, next);
  }

  async look(): Promise<void> {
    const { clock, store } = this.#options;
    const { name } = this.schedule;
    const now = clock.wall();
    const since = await store.settled(name);
    if (since === undefined) {
      this.#started = 0;
      return store.settle(name, now);
    }
    if (this.#started < 0) await this.#resume();
    const { last, more } = this.#occurrences.between(since, now, MOST_MISSED);
    const ripe = last.filter((due) => due + jitterOf(this.schedule, due) <= now);
    if (ripe.length === 0) return;
    if (more > 0 && (await store.claim(name, `before ${iso(ripe[0]!)}`)))
      await this.#record(ripe[0]!, { state: 'missed', reason: `${more} more before this one` });
    let settled = true;
    for (const [index, due] of ripe.entries()) {
      if (await store.claim(name, iso(due))) await this.#settleOne(due, index === ripe.length - 1, now);
      else settled = (await this.#takenByAnother(due, now)) && settled;
      if (settled) await store.settle(name, due);
    }
  }

  /** Whether an occurrence that was claimed already is dealt with; one whose controller died over it is missed in the end. */
  async #takenByAnother(due: number, now: number): Promise<boolean> {
    const history = await this.#options.store.history(this.schedule.name, HISTORY);
    const known = history.find((entry) => entry.due === iso(due));
    if (known && known.state !== 'claimed') return true;
    if (this.#lateness(due, now) <= this.schedule.startingDeadlineSeconds * 1000) return false;
    await this.#record(due, {
      state: 'missed',
      reason: 'the controller that took it ended before it could start it',
    });
    return true;
  }

  #lateness(due: number, now: number): number {
    return now - due - jitterOf(this.schedule, due);
  }

  /** Follows the run that history says is under way, after a restart. */
  async #resume(): Promise<void> {
    const { launcher, store, outcomeOf } = this.#options;
    const history = await store.history(this.schedule.name, HISTORY);
    this.#started = history.filter(({ state }) => state === 'started').length;
    const last = history.find(({ state }) => state === 'started' || state === 'ended');
    if (last?.state !== 'started' || last.run === undefined) return;
    const { run: id, experiment } = last;
    const run = launcher.running().find((one) => one.id === id);
    const due = Date.parse(last.due);
    if (run) return this.#follow(run, due, experiment);
    const end = await outcomeOf(id);
    await this.#record(due, {
      state: 'ended',
      experiment,
      run: id,
      ...(end ? { verdict: end.verdict, reason: end.sentence } : { reason: 'nobody saw how it ended' }),
    });
  }

  #follow(run: LaunchedRun, due: number, experiment: string | undefined): void {
    this.#run = run;
    void run.ended
      .then(({ verdict, exit, sentence }) => {
        if (this.#run === run) this.#run = undefined;
        const refused = exit === EXIT.refused;
        const outcome = refused ? { state: 'skipped' as const } : { state: 'ended' as const, verdict };
        return this.#record(due, { ...outcome, experiment, run: run.id, reason: sentence });
      })
      .catch(this.#options.onError);
  }

  async #settleOne(due: number, newest: boolean, now: number): Promise<void> {
    const { startingDeadlineSeconds } = this.schedule;
    if (this.#lateness(due, now) > startingDeadlineSeconds * 1000)
      return this.#record(due, { state: 'missed', reason: 'no controller looked in time' });
    if (!newest) return this.#record(due, { state: 'missed', reason: 'a later one is due already' });
    const closed = this.schedule.paused ? 'the schedule is paused' : await this.#options.closed(now);
    if (closed !== undefined) return this.#record(due, { state: 'skipped', reason: closed });
    if (this.#run && !(await this.#makeRoom(this.#run, due))) return;
    await this.#launch(due);
  }

  /** Whether the way is free of the schedule's own last run. */
  async #makeRoom(run: LaunchedRun, due: number): Promise<boolean> {
    if (this.schedule.concurrencyPolicy === 'Replace') {
      run.stop(`replaced by the next run of schedule "${this.schedule.name}"`, this.#who);
      await run.ended;
      return true;
    }
    await this.#record(due, { state: 'skipped', reason: `its run ${run.id} still goes on` });
    return false;
  }

  async #launch(due: number): Promise<void> {
    const experiment = experimentOf(this.schedule, due, this.#started);
    await this.#record(due, { state: 'claimed', experiment });
    try {
      const { approvedBy } = this.schedule;
      const run = await this.#options.launcher.start({ experiment, by: this.#who, approvedBy });
      this.#started++;
      await this.#record(due, { state: 'started', experiment, run: run.id });
      this.#follow(run, due, experiment);
    } catch (error) {
      await this.#record(due, { state: 'skipped', experiment, reason: reasonOf(error) });
    }
  }

  get #who(): string {
    return `schedule ${this.schedule.name}`;
  }

  #record(due: number, entry: Omit<OccurrenceRecord, 'schedule' | 'due' | 'at'>): Promise<void> {
    return this.#options.store.record(this.#entry(due, entry));
  }

  #entry(due: number, entry: Omit<OccurrenceRecord, 'schedule' | 'due' | 'at'>): OccurrenceRecord {
    const { clock } = this.#options;
    return { schedule: this.schedule.name, due: iso(due), at: iso(clock.wall()), ...entry };
  }
}

function iso(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
