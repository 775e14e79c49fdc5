import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchEnd, LaunchedRun, LaunchOrder } from '../../src/core/launch.ts';
import type { Schedule, ScheduleStore } from '../../src/schedule/contract.ts';
import { fileScheduleStore } from '../../src/schedule/file-store.ts';
import { createScheduler, type Scheduler, type SchedulerOptions } from '../../src/schedule/scheduler.ts';
import { FakeClock } from './fake-clock.ts';

const HELD: LaunchEnd = { verdict: 'held', exit: 0, sentence: 'held: all expectations held' };

interface Started extends LaunchedRun {
  readonly order: LaunchOrder;
  readonly stops: string[];
  end(end?: LaunchEnd): void;
}

/** Half past eleven, a folder that schedules are kept in, and runs that end when they are told to. */
export class Calendar {
  readonly folder = mkdtempSync(join(tmpdir(), 'faultline-schedule-'));
  readonly clock = new FakeClock(Date.UTC(2026, 5, 1, 11, 30));
  readonly store: ScheduleStore = fileScheduleStore(this.folder);
  readonly started: Started[] = [];
  closed: string | undefined;
  refusal: Error | undefined;
  /** Whether a run that is asked to stop does so at once. */
  stopsAtOnce = true;

  /** A controller that looks only when it is told to; another one stands for a restart, or for a second controller. */
  controller(schedules: Schedule | readonly Schedule[], more: Partial<SchedulerOptions> = {}): Scheduler {
    const scheduler = createScheduler({
      clock: this.clock,
      store: this.store,
      launcher: {
        start: async (order) => {
          if (this.refusal) throw this.refusal;
          return this.#launch(order);
        },
        running: () => this.started,
      },
      closed: () => this.closed,
      outcomeOf: async () => undefined,
      onLook: (trouble) => {
        if (trouble !== undefined) throw trouble;
      },
      ...more,
    });
    scheduler.set([schedules].flat());
    return scheduler;
  }

  /** `12:00 state reason`, the oldest first, without claims. */
  async history(schedule = 'hourly'): Promise<string[]> {
    const entries = await this.store.history(schedule, 100);
    return entries
      .toReversed()
      .filter(({ state }) => state !== 'claimed')
      .map(({ due, state, reason }) => [due.slice(11, 16), state, reason].filter(Boolean).join(' '));
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  #launch(order: LaunchOrder): LaunchedRun {
    let end: (end: LaunchEnd) => void = () => {};
    const ended = new Promise<LaunchEnd>((resolve) => {
      end = resolve;
    });
    const stops: string[] = [];
    const run: Started = {
      id: `run-${this.started.length + 1}`,
      folder: this.folder,
      order,
      stops,
      follow: () => () => {},
      stop: (reason) => {
        stops.push(reason);
        if (this.stopsAtOnce) end({ verdict: 'inconclusive', exit: 5, sentence: reason });
      },
      ended,
      end: (how = HELD) => end(how),
    };
    this.started.push(run);
    return run;
  }
}

/** Due at every full hour in UTC. */
export function hourly(more: Partial<Schedule> = {}): Schedule {
  return {
    name: 'hourly',
    cron: '0 * * * *',
    zone: 'UTC',
    experiments: ['redis-latency'],
    pick: 'turn',
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 300,
    jitterMs: 0,
    approvedBy: [],
    paused: false,
    ...more,
  };
}
