import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScheduleStore } from '../../src/schedule/contract.ts';
import { jitterOf } from '../../src/schedule/pick.ts';
import type { Outcome } from '../../src/schedule/scheduled.ts';
import { Calendar, hourly } from '../support/calendar.ts';

const MINUTE = 60_000;

let calendar: Calendar;

beforeEach(() => {
  calendar = new Calendar();
});
afterEach(() => calendar.close());

/** The same store, away for as long as it is said to be. */
function flaky(store: ScheduleStore): ScheduleStore & { away: boolean } {
  const state = { away: false };
  const guarded = Object.entries(store).map(([name, act]) => [
    name,
    async (...args: unknown[]) => {
      if (state.away) throw new Error('the store is away');
      return act(...args);
    },
  ]);
  return Object.defineProperty(Object.fromEntries(guarded), 'away', {
    get: () => state.away,
    set: (away: boolean) => {
      state.away = away;
    },
  });
}

describe('while what schedules are kept in is away', () => {
  it.each([
    [1, ['12:00 started']],
    [10, ['12:00 missed no controller looked in time']],
  ])(
    '%i min, what was due then is started within its deadline or recorded as missed; that it is away is told, and that it is back',
    async (minutes, expected) => {
      const store = flaky(calendar.store);
      const troubles: unknown[] = [];
      const scheduler = calendar.controller(hourly(), { store, onLook: (one) => troubles.push(one) });
      await scheduler.look();
      store.away = true;
      calendar.clock.advance(30 * MINUTE);
      await scheduler.look();
      calendar.clock.advance(minutes * MINUTE);
      store.away = false;
      await scheduler.look();
      expect(await calendar.history()).toEqual(expected);
      expect(troubles.map((one) => one instanceof Error && one.message)).toEqual([
        false,
        'the store is away',
        false,
      ]);
    },
  );

  it('a run that was started just before goes on, and is on record afterwards, once', async () => {
    const store = flaky(calendar.store);
    const scheduler = calendar.controller(hourly(), { store, onLook: () => {} });
    await scheduler.look();
    calendar.clock.advance(30 * MINUTE);
    const record = store.record;
    store.record = (entry) => {
      if (entry.state === 'started') store.away = true;
      return record(entry);
    };
    await scheduler.look();
    calendar.clock.advance(10 * MINUTE);
    await scheduler.look();
    calendar.started[0]!.end();
    store.record = record;
    store.away = false;
    await expect
      .poll(async () => {
        await scheduler.look();
        return calendar.history();
      })
      .toEqual(['12:00 started', '12:00 ended held: all expectations held']);
    expect(calendar.started.length).toBe(1);
  });

  it('an occurrence that was taken already is started by whoever took it', async () => {
    const closed = vi.fn<() => string | undefined>(() => undefined);
    closed.mockImplementationOnce(() => {
      throw new Error('the safety limits cannot be read');
    });
    const troubles: unknown[] = [];
    const scheduler = calendar.controller(hourly(), { closed, onLook: (one) => troubles.push(one) });
    await scheduler.look();
    calendar.clock.advance(30 * MINUTE);
    await scheduler.look();
    expect(String(troubles[1])).toContain('safety limits');
    calendar.clock.advance(MINUTE);
    await scheduler.look();
    expect(await calendar.history()).toEqual(['12:00 started']);
  });
});

describe('when the lead changes', () => {
  it('what is due meanwhile is started once, by whoever leads then, and experiments go on in their turn', async () => {
    const pool = hourly({ experiments: ['a', 'b', 'c'] });
    const [first, second] = [calendar.controller(pool), calendar.controller(pool)];
    await first.look();
    for (const [leader, minutes] of [
      [first, 30],
      [second, 60],
      [first, 60],
    ] as const) {
      calendar.clock.advance(minutes * MINUTE);
      leader.start();
      await leader.look();
      leader.stop();
      calendar.started.at(-1)!.end();
      await vi.waitFor(async () => expect((await calendar.history()).at(-1)).toContain('ended'));
    }
    expect(calendar.started.map(({ order }) => order.experiment)).toEqual(['a', 'b', 'c']);
  });

  it('a run that goes on under another controller is waited for, whatever the policy', async () => {
    const other = calendar.controller(hourly());
    await other.look();
    calendar.clock.advance(30 * MINUTE);
    await other.look();
    let outcome: Outcome = 'goes on';
    const scheduler = calendar.controller(hourly({ concurrencyPolicy: 'Replace' }), {
      launcher: { start: () => Promise.reject(new Error('not expected')), running: () => [] },
      outcomeOf: async () => outcome,
    });
    calendar.clock.advance(60 * MINUTE);
    await scheduler.look();
    expect((await calendar.history()).slice(1)).toEqual([
      '13:00 skipped its run run-1 goes on under another controller',
    ]);
    outcome = { verdict: 'deviated', exit: 1, sentence: 'deviated: slow' };
    await scheduler.look();
    expect((await calendar.history()).slice(2)).toEqual(['12:00 ended deviated: slow']);
  });

  it('and comes back in the middle of a look, one timer is planned', async () => {
    const scheduler = calendar.controller(hourly());
    scheduler.start();
    calendar.clock.advance(0);
    scheduler.stop();
    scheduler.start();
    calendar.clock.advance(0);
    await scheduler.look();
    await vi.waitFor(() => expect(calendar.clock.pending).toBe(1));
  });
});

describe('a schedule that is changed', () => {
  it('in its expression between restarts is not due by the new one for the time before', async () => {
    await calendar.controller(hourly()).look();
    calendar.clock.advance(33 * MINUTE);
    const scheduler = calendar.controller(hourly({ cron: '*/2 * * * *' }));
    await scheduler.look();
    await scheduler.look();
    expect(await calendar.history()).toEqual(['12:00 missed the schedule was changed before it could start']);
    calendar.clock.advance(MINUTE);
    await scheduler.look();
    expect((await calendar.history()).slice(1)).toEqual(['12:04 started']);
  });

  it('by being taken out leaves its run alone, and finds it again when it comes back; what was due meanwhile is nothing to it', async () => {
    const scheduler = calendar.controller(hourly());
    await scheduler.look();
    calendar.clock.advance(30 * MINUTE);
    await scheduler.look();
    scheduler.set([]);
    calendar.clock.advance(150 * MINUTE);
    await scheduler.look();
    scheduler.set([hourly()]);
    await scheduler.look();
    calendar.clock.advance(30 * MINUTE);
    await scheduler.look();
    expect(await calendar.history()).toEqual(['12:00 started', '15:00 skipped its run run-1 still goes on']);
    expect(calendar.started[0]!.stops).toEqual([]);
    calendar.started[0]!.end();
    await vi.waitFor(async () =>
      expect((await calendar.history()).slice(2)).toEqual(['12:00 ended held: all expectations held']),
    );
  });

  it('by being taken out while it waits for its jitter has that on record', async () => {
    const scheduler = calendar.controller(hourly({ jitterMs: 50 * MINUTE }));
    await scheduler.look();
    calendar.clock.advance(31 * MINUTE);
    await scheduler.look();
    scheduler.set([]);
    await scheduler.look();
    expect(await calendar.history()).toEqual([
      '12:00 skipped the schedule was taken out before it could start',
    ]);
  });
});

it('a schedule that an earlier version has settled goes on from there, and its changes are seen from then on', async () => {
  const untilMs = Date.UTC(2026, 5, 1, 11, 30);
  await calendar.store.settle('hourly', untilMs);
  calendar.clock.advance(31 * MINUTE);
  await calendar.controller(hourly()).look();
  expect(await calendar.history()).toEqual(['12:00 started']);
  expect(await calendar.store.settled('hourly')).toMatchObject({ rule: '["0 * * * *","UTC"]' });
});

describe('a clock', () => {
  it('that was years ahead and is set back does not silence a schedule', async () => {
    const scheduler = calendar.controller(hourly());
    await scheduler.look();
    const years = 4 * 365 * 24 * 60 * MINUTE;
    calendar.clock.jumpWall(years);
    await scheduler.look();
    const before = (await calendar.history()).length;
    expect((await calendar.history())[0]).toContain(
      'all others since 2026-06-01T11:30:00.000Z before this one',
    );
    calendar.clock.jumpWall(-years);
    await scheduler.look();
    calendar.clock.advance(30 * MINUTE);
    await scheduler.look();
    expect((await calendar.history()).slice(before)).toEqual([
      expect.stringMatching(/^11:30 missed the clock was ahead, up to 2030-/),
      '12:00 started',
    ]);
  });
});

describe('occurrences at the same time', () => {
  it('of several schedules are all started', async () => {
    const names = ['hourly', 'other', 'third'];
    const scheduler = calendar.controller(names.map((name) => hourly({ name })));
    await scheduler.look();
    calendar.clock.advance(30 * MINUTE);
    await scheduler.look();
    expect(calendar.started.map(({ order }) => order.by)).toEqual(names.map((name) => `schedule ${name}`));
  });

  it('of one schedule within a minute are each started', async () => {
    const scheduler = calendar.controller(hourly({ cron: '*/20 * * * * *' }));
    await scheduler.look();
    for (let nth = 0; nth < 3; nth++) {
      calendar.clock.advance(20_000);
      await scheduler.look();
      calendar.started.at(-1)!.end();
      await vi.waitFor(async () => expect((await calendar.history()).at(-1)).toContain('ended'));
    }
    expect(calendar.started.length).toBe(3);
  });

  it('are not held up by a run that is long in being replaced', async () => {
    calendar.stopsAtOnce = false;
    const slow = hourly({ name: 'slow', concurrencyPolicy: 'Replace' });
    const scheduler = calendar.controller([slow, hourly()]);
    await scheduler.look();
    calendar.clock.advance(30 * MINUTE);
    await scheduler.look();
    calendar.started[1]!.end();
    await vi.waitFor(async () => expect((await calendar.history()).at(-1)).toContain('ended'));
    calendar.clock.advance(60 * MINUTE);
    const look = scheduler.look();
    await vi.waitFor(() => expect(calendar.started[0]!.stops.length).toBe(1));
    calendar.clock.advance(5000);
    await look;
    expect((await calendar.history()).at(-1)).toBe('13:00 started');
    const again = scheduler.look();
    await vi.waitFor(() => expect(calendar.clock.pending).toBe(1));
    calendar.clock.advance(5000);
    await again;
    expect(calendar.started[0]!.stops.length).toBe(1);
    calendar.started[0]!.end();
    await vi.waitFor(async () => expect((await calendar.history('slow')).at(-1)).toContain('ended'));
    await scheduler.look();
    expect((await calendar.history('slow')).at(-1)).toBe('13:00 started');
  });
});

it('a schedule with a jitter is not looked at again and again once it has started', async () => {
  const jittery = hourly({ jitterMs: 50 * MINUTE });
  const scheduler = calendar.controller(jittery);
  await scheduler.look();
  calendar.clock.advance(31 * MINUTE + jitterOf(jittery, Date.UTC(2026, 5, 1, 12)));
  const after = vi.spyOn(calendar.clock, 'after');
  scheduler.start();
  calendar.clock.advance(0);
  await vi.waitFor(() => expect(after.mock.calls.map(([ms]) => ms)).toEqual([0, 15_000]));
  expect(calendar.started.length).toBe(1);
});

it('a run that was refused is not told of again after a restart', async () => {
  const scheduler = calendar.controller(hourly());
  await scheduler.look();
  calendar.clock.advance(30 * MINUTE);
  await scheduler.look();
  calendar.started[0]!.end({ verdict: 'inconclusive', exit: 6, sentence: 'refused: unhealthy' });
  await vi.waitFor(async () => expect((await calendar.history()).length).toBe(2));
  calendar.started.length = 0;
  await calendar.controller(hourly()).look();
  expect(await calendar.history()).toEqual(['12:00 started', '12:00 skipped refused: unhealthy']);
});
