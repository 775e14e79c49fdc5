import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LaunchEnd, LaunchedRun, LaunchOrder } from '../../src/core/launch.ts';
import type { Schedule } from '../../src/schedule/contract.ts';
import { fileScheduleStore } from '../../src/schedule/file-store.ts';
import { jitterOf } from '../../src/schedule/pick.ts';
import { createScheduler, type Scheduler, type SchedulerOptions } from '../../src/schedule/scheduler.ts';
import { FakeClock } from '../support/fake-clock.ts';

const MINUTE = 60_000;
const HELD: LaunchEnd = { verdict: 'held', exit: 0, sentence: 'held: all expectations held' };

interface Started extends LaunchedRun {
  readonly order: LaunchOrder;
  readonly stops: string[];
  end(end?: LaunchEnd): void;
}

let folder: string;
let clock: FakeClock;
let started: Started[];
let closed: string | undefined;
let refusal: Error | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-schedule-'));
  clock = new FakeClock(Date.UTC(2026, 5, 1, 11, 30));
  started = [];
  closed = undefined;
  refusal = undefined;
});
afterEach(() => rmSync(folder, { recursive: true }));

function hourly(more: Partial<Schedule> = {}): Schedule {
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

function launch(order: LaunchOrder): LaunchedRun {
  let end: (end: LaunchEnd) => void = () => {};
  const ended = new Promise<LaunchEnd>((resolve) => {
    end = resolve;
  });
  const stops: string[] = [];
  const run: Started = {
    id: `run-${started.length + 1}`,
    folder,
    order,
    stops,
    follow: () => () => {},
    stop: (reason) => {
      stops.push(reason);
      end({ verdict: 'inconclusive', exit: 5, sentence: reason });
    },
    ended,
    end: (how = HELD) => end(how),
  };
  started.push(run);
  return run;
}

/** A controller that looks only when it is told to; another one stands for a restart, or for a second controller. */
function controller(schedule: Schedule, more: Partial<SchedulerOptions> = {}): Scheduler {
  const scheduler = createScheduler({
    clock,
    store: fileScheduleStore(folder),
    launcher: {
      start: async (order) => {
        if (refusal) throw refusal;
        return launch(order);
      },
      running: () => started,
    },
    closed: () => closed,
    outcomeOf: async () => undefined,
    onLook: (trouble) => {
      if (trouble !== undefined) throw trouble;
    },
    ...more,
  });
  scheduler.set([schedule]);
  return scheduler;
}

async function history(): Promise<string[]> {
  const entries = await fileScheduleStore(folder).history('hourly', 100);
  return entries
    .toReversed()
    .filter(({ state }) => state !== 'claimed')
    .map(({ due, state, reason }) => [due.slice(11, 16), state, reason].filter(Boolean).join(' '));
}

const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 20));

describe('a schedule', () => {
  it('starts what is due, once, and records how it ended', async () => {
    const scheduler = controller(hourly({ approvedBy: ['ada'] }));
    await scheduler.look();
    clock.advance(29 * MINUTE);
    await scheduler.look();
    expect(started).toEqual([]);
    clock.advance(MINUTE);
    await scheduler.look();
    await scheduler.look();
    expect(started.map(({ order }) => order)).toEqual([
      { experiment: 'redis-latency', by: 'schedule hourly', approvedBy: ['ada'] },
    ]);
    started[0]!.end();
    await expect.poll(history).toEqual(['12:00 started', '12:00 ended held: all expectations held']);
  });

  it('is looked at by itself when it is due', async () => {
    const scheduler = controller(hourly());
    scheduler.start();
    await clock.advanceAsync(1000);
    await expect.poll(() => fileScheduleStore(folder).settled('hourly')).toBeDefined();
    await expect
      .poll(
        async () => {
          await clock.advanceAsync(MINUTE);
          return started.length;
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    scheduler.stop();
  });

  it('does not start twice when the controller is restarted, nor with two controllers', async () => {
    const [first, second] = [controller(hourly()), controller(hourly())];
    await first.look();
    clock.advance(31 * MINUTE);
    await Promise.all([first.look(), second.look()]);
    await controller(hourly()).look();
    expect(started.length).toBe(1);
  });

  it('does not start again what was started when the wall clock is set back', async () => {
    const scheduler = controller(hourly());
    await scheduler.look();
    clock.advance(31 * MINUTE);
    await scheduler.look();
    started[0]!.end();
    clock.jumpWall(-20 * MINUTE);
    await scheduler.look();
    clock.advance(25 * MINUTE);
    await scheduler.look();
    expect(started.length).toBe(1);
  });

  it('records what nobody could start in time as missed', async () => {
    await controller(hourly()).look();
    clock.advance(180 * MINUTE);
    await controller(hourly()).look();
    expect(await history()).toEqual([
      '12:00 missed no controller looked in time',
      '13:00 missed no controller looked in time',
      '14:00 missed no controller looked in time',
    ]);
    expect(started).toEqual([]);
  });

  it('records a claim as missed whose controller ended before it could start', async () => {
    await controller(hourly()).look();
    clock.advance(31 * MINUTE);
    await fileScheduleStore(folder).claim('hourly', '2026-06-01T12:00:00.000Z');
    const scheduler = controller(hourly());
    await scheduler.look();
    expect(await history()).toEqual([]);
    clock.advance(6 * MINUTE);
    await scheduler.look();
    expect(await history()).toEqual([
      '12:00 missed the controller that took it ended before it could start it',
    ]);
  });

  it('follows a run that goes on over a restart, and says so when nobody saw its end', async () => {
    const first = controller(hourly());
    await first.look();
    clock.advance(31 * MINUTE);
    await first.look();
    clock.advance(60 * MINUTE);
    await controller(hourly()).look();
    expect(await history()).toEqual(['12:00 started', '13:00 skipped its run run-1 still goes on']);
    started.length = 0;
    clock.advance(60 * MINUTE);
    await controller(hourly()).look();
    expect((await history()).slice(2)).toEqual(['12:00 ended nobody saw how it ended', '14:00 started']);
  });

  it('lets the next run take the place of the last under Replace', async () => {
    const scheduler = controller(hourly({ concurrencyPolicy: 'Replace' }));
    await scheduler.look();
    clock.advance(31 * MINUTE);
    await scheduler.look();
    clock.advance(60 * MINUTE);
    await scheduler.look();
    expect(started.map(({ stops }) => stops)).toEqual([
      ['replaced by the next run of schedule "hourly"'],
      [],
    ]);
  });

  it.each([
    ['outside its windows', () => (closed = 'a freeze holds'), '12:00 skipped a freeze holds'],
    [
      'where the run is refused',
      () => (refusal = new Error('another run holds the place')),
      '12:00 skipped another run holds the place',
    ],
  ])('is skipped %s, with the reason', async (_, arrange, expected) => {
    const scheduler = controller(hourly());
    await scheduler.look();
    clock.advance(31 * MINUTE);
    arrange();
    await scheduler.look();
    expect(await history()).toEqual([expected]);
  });

  it('is skipped where the system is unhealthy before the first fault', async () => {
    const scheduler = controller(hourly());
    await scheduler.look();
    clock.advance(31 * MINUTE);
    await scheduler.look();
    started[0]!.end({ verdict: 'inconclusive', exit: 6, sentence: 'refused: the baseline is not healthy' });
    await expect
      .poll(history)
      .toEqual(['12:00 started', '12:00 skipped refused: the baseline is not healthy']);
  });

  it('is skipped while it is paused', async () => {
    const scheduler = controller(hourly());
    await scheduler.look();
    scheduler.set([hourly({ paused: true })]);
    clock.advance(31 * MINUTE);
    await scheduler.look();
    expect(await history()).toEqual(['12:00 skipped the schedule is paused']);
  });

  it('waits for its jitter, which is the same after every restart', async () => {
    const jittery = hourly({ jitterMs: 20 * MINUTE });
    const noon = Date.UTC(2026, 5, 1, 12);
    const jitter = jitterOf(jittery, noon);
    expect(jitter).toBeGreaterThan(MINUTE);
    await controller(jittery).look();
    clock.advance(30 * MINUTE + jitter - 1);
    await controller(jittery).look();
    expect(started.length).toBe(0);
    clock.advance(1);
    await controller(jittery).look();
    expect(started.length).toBe(1);
  });

  it('takes its experiments in turn, or draws them', async () => {
    const pool = ['a', 'b', 'c'];
    for (const pick of ['turn', 'random'] as const) {
      const name = `pool-${pick}`;
      const scheduler = controller(hourly({ name, experiments: pool, pick }));
      await scheduler.look();
      const before = started.length;
      for (let hour = 0; hour < 6; hour++) {
        clock.advance(hour === 0 && pick === 'turn' ? 31 * MINUTE : 60 * MINUTE);
        await scheduler.look();
        started.at(-1)?.end();
        await settle();
      }
      const picked = started.slice(before).map(({ order }) => order.experiment);
      if (pick === 'turn') expect(picked).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
      else expect(new Set(picked).size).toBeGreaterThan(1);
    }
  });
});
