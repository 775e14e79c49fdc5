import { sleep } from '../core/clock.ts';
import type { LaunchEnd, LaunchedRun } from '../core/launch.ts';
import { reasonOf } from '../core/reason.ts';
import { EXIT } from '../core/verdict.ts';
import type { OccurrenceRecord, Schedule } from './contract.ts';
import { type Occurrences, occurrencesOf } from './occurrences.ts';
import { experimentOf, jitterOf } from './pick.ts';
import type { RetriedStore } from './retried.ts';
import type { SchedulerOptions } from './scheduler.ts';

/** How a run ended that is not under watch here; `goes on` where it may do so at another controller, undefined where nobody knows. */
export type Outcome = LaunchEnd | 'goes on' | undefined;

/** A run of this schedule that goes on; at another controller it can only be waited for. */
type Current = Pick<LaunchedRun, 'id'> & Partial<Pick<LaunchedRun, 'stop' | 'ended'>>;

interface ScheduledOptions extends Omit<SchedulerOptions, 'store' | 'onLook'> {
  readonly store: RetriedStore;
}

type News = Omit<OccurrenceRecord, 'schedule' | 'due' | 'at'>;

/** Missed occurrences that are written down one by one; those before them come in one entry. */
const MOST_MISSED = 20;
const HISTORY = 1000;
/** So long other schedules wait for a run that is being replaced; then it is looked at again. */
const REPLACE_MS = 5000;
const AGAIN_MS = 1000;
/** How long whoever took an occurrence may need until it is recorded, when a later one is due already. */
const STARTING_MS = 30_000;
/** Settled so far ahead of the clock, it was settled by a clock that went wrong. */
const WRONG_CLOCK_MS = 24 * 60 * 60 * 1000;

/** One schedule at work. */
export class Scheduled {
  #schedule: Schedule;
  readonly #options: ScheduledOptions;
  #occurrences: Occurrences;
  #run: Current | undefined;
  /** The run that was told to make room. */
  #stopped: Current | undefined;
  /** Whether history was read for what an earlier life, or another controller, has left. */
  #resumed = false;
  #turn = 0;
  /** Occurrences that were claimed here and are not dealt with yet. */
  readonly #mine = new Set<number>();
  /** An occurrence that waits for its jitter. */
  #jittering: number | undefined;

  constructor(schedule: Schedule, options: ScheduledOptions) {
    this.#schedule = schedule;
    this.#options = options;
    this.#occurrences = occurrencesOf(schedule.cron, schedule.zone);
  }

  get name(): string {
    return this.#schedule.name;
  }

  changed(schedule: Schedule): this {
    this.#schedule = schedule;
    this.#occurrences = occurrencesOf(schedule.cron, schedule.zone);
    return this;
  }

  /** Others may have played it meanwhile. */
  again(): void {
    this.#resumed = false;
  }

  /** When there is something to do next, wall time. */
  nextAt(): number {
    const now = this.#options.clock.wall();
    const dues = [...this.#occurrences.coming(now, 1), this.#jittering].filter((due) => due !== undefined);
    return Math.min(
      ...dues.map((due) => this.#startOf(due)),
      this.#mine.size > 0 ? now + AGAIN_MS : Infinity,
    );
  }

  async look(): Promise<void> {
    const { store } = this.#options;
    const now = this.#options.clock.wall();
    if (!this.#resumed) await this.#resume();
    const since = await this.#since(now);
    if (since === undefined) return;
    for (const due of this.#mine) if (due <= since) this.#mine.delete(due);
    const { last, more } = this.#occurrences.between(since, now, MOST_MISSED);
    if (more > 0 && (await store.claim(this.name, `before ${iso(last[0]!)}`))) {
      const those = more === Infinity ? `all others since ${iso(since)}` : `${more} more`;
      await this.#record(last[0]!, { state: 'missed', reason: `${those} before this one` });
    }
    this.#jittering = last.find((due) => this.#startOf(due) > now);
    const newest = last.findLast((due) => this.#startOf(due) <= now);
    let settled = true;
    for (const due of last) {
      const dealt = this.#startOf(due) <= now && (await this.#deal(due, due === newest, now));
      settled &&= dealt;
      if (settled) await store.settle(this.name, due);
    }
  }

  /** It was taken out: what waits to be started is not. */
  async leave(): Promise<void> {
    if (this.#jittering !== undefined) await this.#take(this.#jittering);
    this.#jittering = undefined;
    for (const due of this.#mine)
      await this.#record(due, {
        state: 'skipped',
        reason: 'the schedule was taken out before it could start',
      });
    this.#mine.clear();
    this.again();
  }

  /** Up to when all is dealt with; undefined where it has just begun. */
  async #since(now: number): Promise<number | undefined> {
    const { store } = this.#options;
    const { cron, zone } = this.#schedule;
    const rule = JSON.stringify([cron, zone]);
    const known = await store.settled(this.name);
    const otherRule = known?.rule !== undefined && known.rule !== rule;
    if (known && !otherRule && known.untilMs <= now + WRONG_CLOCK_MS) {
      if (known.rule === undefined) await store.begin(this.name, { ...known, rule });
      return known.untilMs;
    }
    if (known && otherRule) await this.#closeRule(known.rule!, known.untilMs, now);
    else if (known)
      await this.#record(now, {
        state: 'missed',
        reason: `the clock was ahead, up to ${iso(known.untilMs)}: what was due since it was set back was not looked at`,
      });
    await store.begin(this.name, { untilMs: now, rule });
    return undefined;
  }

  /** What was due by the rule before, and nobody started. */
  async #closeRule(rule: string, since: number, now: number): Promise<void> {
    const [cron, zone] = JSON.parse(rule) as [string, string];
    const { last } = occurrencesOf(cron, zone).between(since, now, MOST_MISSED);
    for (const due of last)
      if (await this.#take(due)) {
        await this.#record(due, {
          state: 'missed',
          reason: 'the schedule was changed before it could start',
        });
        this.#mine.delete(due);
      }
  }

  /** True for one controller, and for it again until it has dealt with it. */
  async #take(due: number): Promise<boolean> {
    if (this.#mine.has(due)) return true;
    if (!(await this.#options.store.claim(this.name, iso(due)))) return false;
    this.#mine.add(due);
    return true;
  }

  /** Whether nothing is left to be done about an occurrence. */
  async #deal(due: number, newest: boolean, now: number): Promise<boolean> {
    if (!(await this.#take(due))) return this.#takenByAnother(due, newest, now);
    const dealt = await this.#startOrSkip(due, newest, now);
    if (dealt) this.#mine.delete(due);
    return dealt;
  }

  /** Whether an occurrence that was claimed already is dealt with; one whose controller died over it is missed in the end. */
  async #takenByAnother(due: number, newest: boolean, now: number): Promise<boolean> {
    const history = await this.#options.store.history(this.name, HISTORY);
    const known = history.find((entry) => entry.due === iso(due));
    if (known && known.state !== 'claimed') return true;
    const deadline = this.#schedule.startingDeadlineSeconds * 1000;
    if (now - this.#startOf(due) <= (newest ? deadline : Math.min(deadline, STARTING_MS))) return false;
    await this.#record(due, {
      state: 'missed',
      reason: 'the controller that took it ended before it could start it',
    });
    return true;
  }

  #startOf(due: number): number {
    return due + jitterOf(this.#schedule, due);
  }

  /** Follows the run that history says is under way, after a restart or under another controller. */
  async #resume(): Promise<void> {
    const { launcher, store, outcomeOf } = this.#options;
    const history = await store.history(this.name, HISTORY);
    const starts = history.filter(({ state }) => state === 'started');
    this.#turn = Math.max(this.#turn, starts[0]?.turn ?? starts.length);
    const last = starts[0];
    const open = last?.run !== undefined && !isClosed(history, last.run);
    if (this.#run?.ended || !open) {
      if (!this.#run?.ended) this.#run = undefined;
      this.#resumed = true;
      return;
    }
    const { run: id, experiment } = last as { run: string; experiment?: string };
    const due = Date.parse(last.due);
    const run = launcher.running().find((one) => one.id === id);
    const end = run ? undefined : await outcomeOf(id, Date.parse(last.at));
    // Asked again at each look until it is known.
    this.#resumed = end !== 'goes on';
    if (run) return this.#follow(run, due, experiment);
    this.#run = end === 'goes on' ? { id } : undefined;
    if (end === 'goes on') return;
    await this.#record(due, { ...newsOf(end), experiment, run: id });
  }

  #follow(run: LaunchedRun, due: number, experiment: string | undefined): void {
    this.#run = run;
    void run.ended.then(async (end) => {
      if (this.#run === run) this.#run = undefined;
      const history = await this.#options.store.history(this.name, HISTORY).catch(() => []);
      // Another controller may have followed it too.
      if (!isClosed(history, run.id)) await this.#record(due, { ...newsOf(end), experiment, run: run.id });
    });
  }

  /** Whether it was dealt with; one that is to replace a run waits for its end. */
  async #startOrSkip(due: number, newest: boolean, now: number): Promise<boolean> {
    const { startingDeadlineSeconds, paused } = this.#schedule;
    if (now - this.#startOf(due) > startingDeadlineSeconds * 1000)
      return this.#note(due, { state: 'missed', reason: 'no controller looked in time' });
    if (!newest) return this.#note(due, { state: 'missed', reason: 'a later one is due already' });
    const closed = paused ? 'the schedule is paused' : await this.#options.closed(now);
    if (closed !== undefined) return this.#note(due, { state: 'skipped', reason: closed });
    const { concurrencyPolicy } = this.#schedule;
    if (this.#run && (concurrencyPolicy === 'Forbid' || !this.#run.stop)) {
      const where = this.#run.stop ? 'still goes on' : 'goes on under another controller';
      return this.#note(due, { state: 'skipped', reason: `its run ${this.#run.id} ${where}` });
    }
    if (this.#run && !(await this.#replaced(this.#run))) return false;
    return this.#launch(due);
  }

  /** Whether the run before has ended by now. */
  async #replaced(run: Current): Promise<boolean> {
    if (this.#stopped !== run) run.stop!(`replaced by the next run of schedule "${this.name}"`, this.#who);
    this.#stopped = run;
    const enough = new AbortController();
    const ended = run.ended!.then(() => enough.abort());
    await Promise.race([ended, sleep(this.#options.clock, REPLACE_MS, enough.signal)]);
    return enough.signal.aborted;
  }

  async #launch(due: number): Promise<true> {
    const experiment = experimentOf(this.#schedule, due, this.#turn);
    // Must be on record before anything is started; where it cannot be, the occurrence is tried again.
    await this.#options.store.recordNow(this.#entry(due, { state: 'claimed', experiment }));
    const { approvedBy } = this.#schedule;
    const started = await this.#options.launcher
      .start({ experiment, by: this.#who, approvedBy })
      .catch(reasonOf);
    if (typeof started === 'string')
      return this.#note(due, { state: 'skipped', experiment, reason: started });
    this.#turn++;
    await this.#record(due, { state: 'started', experiment, run: started.id, turn: this.#turn });
    this.#follow(started, due, experiment);
    return true;
  }

  get #who(): string {
    return `schedule ${this.name}`;
  }

  async #note(due: number, news: News): Promise<true> {
    await this.#record(due, news);
    return true;
  }

  #record(due: number, news: News): Promise<void> {
    return this.#options.store.record(this.#entry(due, news));
  }

  #entry(due: number, news: News): OccurrenceRecord {
    return { schedule: this.name, due: iso(due), at: iso(this.#options.clock.wall()), ...news };
  }
}

function isClosed(history: readonly OccurrenceRecord[], run: string): boolean {
  return history.some((entry) => entry.run === run && entry.state !== 'started');
}

/** What history says of a run that is over. */
function newsOf(end: LaunchEnd | undefined): News {
  if (!end) return { state: 'ended', reason: 'nobody saw how it ended' };
  const { verdict, exit, sentence: reason } = end;
  return exit === EXIT.refused ? { state: 'skipped', reason } : { state: 'ended', verdict, reason };
}

function iso(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
