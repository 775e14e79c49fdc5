import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jitterOf } from '../../src/schedule/pick.ts';
import { Calendar, hourly } from '../support/calendar.ts';

const MINUTE = 60_000;

let calendar: Calendar;

beforeEach(() => {
  calendar = new Calendar();
});
afterEach(() => calendar.close());

const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 20));

describe('a schedule', () => {
  it('starts what is due, once, and records how it ended', async () => {
    const scheduler = calendar.controller(hourly({ approvedBy: ['ada'] }));
    await scheduler.look();
    calendar.clock.advance(29 * MINUTE);
    await scheduler.look();
    expect(calendar.started).toEqual([]);
    calendar.clock.advance(MINUTE);
    await scheduler.look();
    await scheduler.look();
    expect(calendar.started.map(({ order }) => order)).toEqual([
      { experiment: 'redis-latency', by: 'schedule hourly', approvedBy: ['ada'] },
    ]);
    calendar.started[0]!.end();
    await expect
      .poll(() => calendar.history())
      .toEqual(['12:00 started', '12:00 ended held: all expectations held']);
  });

  it('is looked at by itself when it is due', async () => {
    const scheduler = calendar.controller(hourly());
    scheduler.start();
    await calendar.clock.advanceAsync(1000);
    await expect.poll(() => calendar.store.settled('hourly')).toBeDefined();
    await expect
      .poll(
        async () => {
          await calendar.clock.advanceAsync(MINUTE);
          return calendar.started.length;
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    scheduler.stop();
  });

  it('does not start twice when the controller is restarted, nor with two controllers', async () => {
    const [first, second] = [calendar.controller(hourly()), calendar.controller(hourly())];
    await first.look();
    calendar.clock.advance(31 * MINUTE);
    await Promise.all([first.look(), second.look()]);
    await calendar.controller(hourly()).look();
    expect(calendar.started.length).toBe(1);
  });

  it('does not start again what was started when the wall clock is set back', async () => {
    const scheduler = calendar.controller(hourly());
    await scheduler.look();
    calendar.clock.advance(31 * MINUTE);
    await scheduler.look();
    calendar.started[0]!.end();
    calendar.clock.jumpWall(-20 * MINUTE);
    await scheduler.look();
    calendar.clock.advance(25 * MINUTE);
    await scheduler.look();
    expect(calendar.started.length).toBe(1);
  });

  it('records what nobody could start in time as missed', async () => {
    await calendar.controller(hourly()).look();
    calendar.clock.advance(180 * MINUTE);
    await calendar.controller(hourly()).look();
    expect(await calendar.history()).toEqual([
      '12:00 missed no controller looked in time',
      '13:00 missed no controller looked in time',
      '14:00 missed no controller looked in time',
    ]);
    expect(calendar.started).toEqual([]);
  });

  it('records a claim as missed whose controller ended before it could start', async () => {
    await calendar.controller(hourly()).look();
    calendar.clock.advance(31 * MINUTE);
    await calendar.store.claim('hourly', '2026-06-01T12:00:00.000Z');
    const scheduler = calendar.controller(hourly());
    await scheduler.look();
    expect(await calendar.history()).toEqual([]);
    calendar.clock.advance(6 * MINUTE);
    await scheduler.look();
    expect(await calendar.history()).toEqual([
      '12:00 missed the controller that took it ended before it could start it',
    ]);
  });

  it('follows a run that goes on over a restart, and says so when nobody saw its end', async () => {
    const first = calendar.controller(hourly());
    await first.look();
    calendar.clock.advance(31 * MINUTE);
    await first.look();
    calendar.clock.advance(60 * MINUTE);
    await calendar.controller(hourly()).look();
    expect(await calendar.history()).toEqual(['12:00 started', '13:00 skipped its run run-1 still goes on']);
    calendar.started.length = 0;
    calendar.clock.advance(60 * MINUTE);
    await calendar.controller(hourly()).look();
    expect((await calendar.history()).slice(2)).toEqual([
      '12:00 ended nobody saw how it ended',
      '14:00 started',
    ]);
  });

  it('lets the next run take the place of the last under Replace', async () => {
    const scheduler = calendar.controller(hourly({ concurrencyPolicy: 'Replace' }));
    await scheduler.look();
    calendar.clock.advance(31 * MINUTE);
    await scheduler.look();
    calendar.clock.advance(60 * MINUTE);
    await scheduler.look();
    expect(calendar.started.map(({ stops }) => stops)).toEqual([
      ['replaced by the next run of schedule "hourly"'],
      [],
    ]);
  });

  it.each([
    ['outside its windows', () => (calendar.closed = 'a freeze holds'), '12:00 skipped a freeze holds'],
    [
      'where the run is refused',
      () => (calendar.refusal = new Error('another run holds the place')),
      '12:00 skipped another run holds the place',
    ],
  ])('is skipped %s, with the reason', async (_, arrange, expected) => {
    const scheduler = calendar.controller(hourly());
    await scheduler.look();
    calendar.clock.advance(31 * MINUTE);
    arrange();
    await scheduler.look();
    expect(await calendar.history()).toEqual([expected]);
  });

  it('is skipped where the system is unhealthy before the first fault', async () => {
    const scheduler = calendar.controller(hourly());
    await scheduler.look();
    calendar.clock.advance(31 * MINUTE);
    await scheduler.look();
    calendar.started[0]!.end({
      verdict: 'inconclusive',
      exit: 6,
      sentence: 'refused: the baseline is not healthy',
    });
    await expect
      .poll(() => calendar.history())
      .toEqual(['12:00 started', '12:00 skipped refused: the baseline is not healthy']);
  });

  it('is skipped while it is paused', async () => {
    const scheduler = calendar.controller(hourly());
    await scheduler.look();
    scheduler.set([hourly({ paused: true })]);
    calendar.clock.advance(31 * MINUTE);
    await scheduler.look();
    expect(await calendar.history()).toEqual(['12:00 skipped the schedule is paused']);
  });

  it('waits for its jitter, which is the same after every restart', async () => {
    const jittery = hourly({ jitterMs: 20 * MINUTE });
    const noon = Date.UTC(2026, 5, 1, 12);
    const jitter = jitterOf(jittery, noon);
    expect(jitter).toBeGreaterThan(MINUTE);
    await calendar.controller(jittery).look();
    calendar.clock.advance(30 * MINUTE + jitter - 1);
    await calendar.controller(jittery).look();
    expect(calendar.started.length).toBe(0);
    calendar.clock.advance(1);
    await calendar.controller(jittery).look();
    expect(calendar.started.length).toBe(1);
  });

  it('takes its experiments in turn, or draws them', async () => {
    const pool = ['a', 'b', 'c'];
    for (const pick of ['turn', 'random'] as const) {
      const name = `pool-${pick}`;
      const scheduler = calendar.controller(hourly({ name, experiments: pool, pick }));
      await scheduler.look();
      const before = calendar.started.length;
      for (let hour = 0; hour < 6; hour++) {
        calendar.clock.advance(hour === 0 && pick === 'turn' ? 31 * MINUTE : 60 * MINUTE);
        await scheduler.look();
        calendar.started.at(-1)?.end();
        await settle();
      }
      const picked = calendar.started.slice(before).map(({ order }) => order.experiment);
      if (pick === 'turn') expect(picked).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
      else expect(new Set(picked).size).toBeGreaterThan(1);
    }
  });
});
