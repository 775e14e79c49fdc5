import type { Clock } from '../core/clock.ts';
import type { Launcher } from '../core/launch.ts';
import type { Schedule, ScheduleStore } from './contract.ts';
import { retried } from './retried.ts';
import { type Outcome, Scheduled } from './scheduled.ts';

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly store: ScheduleStore;
  readonly launcher: Pick<Launcher, 'start' | 'running'>;
  /** How a run ended that another controller, or an earlier life of this one, has started at this wall time. */
  readonly outcomeOf: (run: string, startedMs: number) => Promise<Outcome>;
  /** Why nothing may start at this time, in a sentence without a full stop: windows, freezes, the kill switch. */
  readonly closed: (wallMs: number) => string | undefined | Promise<string | undefined>;
  /** Told after each look: the first thing that could not be written or read, undefined when all could. The scheduler goes on. */
  readonly onLook: (trouble: unknown) => void;
}

export interface Scheduler {
  /** Replaces all schedules. A schedule that is new, or due by another rule than before, begins with its next occurrence. */
  set(schedules: readonly Schedule[]): void;
  /** Looks what is due now. Called by itself while started; never twice at once. */
  look(): Promise<void>;
  /** Begins to look by itself. */
  start(): void;
  /** Starts nothing more; runs that go on are left to themselves. */
  stop(): void;
}

/** At most so long between two looks: a clock that was set is seen by then. */
const LOOK_MS = 15_000;

/**
 * Starts experiments when they are due. Each occurrence is claimed in the store before it is started, so that it starts once,
 * whatever restarts and however many controllers look; one that nobody could start in time is recorded as missed.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, onLook } = options;
  const store = retried(options.store);
  /** Also those that were taken out while their run goes on: they come back to it. */
  const known = new Map<string, Scheduled>();
  let active: readonly Scheduled[] = [];
  let removed = new Set<Scheduled>();
  let changed = false;
  let [playing, stopped] = [false, false];
  let cancel: (() => void) | undefined;
  let looking: Promise<void> | undefined;

  const settleChange = async () => {
    if (!changed) return;
    for (const one of removed) {
      await one.leave();
      removed.delete(one);
    }
    await store.keepOnly(active.map(({ name }) => name));
    changed = false;
  };
  const look = async () => {
    let trouble: unknown;
    const attempt = async (act: () => Promise<void>) => {
      if (stopped) return;
      try {
        await act();
      } catch (error) {
        trouble ??= error;
      }
    };
    await attempt(store.flush);
    // What is not on record yet would be taken for what never happened.
    if (trouble === undefined) {
      await attempt(settleChange);
      for (const one of active) await attempt(() => one.look());
    }
    if (!stopped) onLook(trouble);
  };
  const lookOnce = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const plan = (ms: number) => {
    cancel?.();
    cancel = clock.after(ms, tick);
  };
  const tick = async () => {
    await lookOnce();
    if (playing) plan(untilNext());
  };
  const untilNext = () =>
    Math.max(50, Math.min(LOOK_MS, ...active.map((one) => one.nextAt() - clock.wall())));

  return {
    set(next) {
      const before = active;
      active = next.map((schedule) => {
        const one =
          known.get(schedule.name)?.changed(schedule) ?? new Scheduled(schedule, { ...options, store });
        known.set(schedule.name, one);
        return one;
      });
      removed = new Set([...removed, ...before].filter((one) => !active.includes(one)));
      changed = true;
      if (playing) plan(0);
    },
    look: lookOnce,
    start() {
      if (playing) return;
      [playing, stopped] = [true, false];
      for (const one of known.values()) one.again();
      plan(0);
    },
    stop() {
      [playing, stopped] = [false, true];
      cancel?.();
      cancel = undefined;
    },
  };
}
