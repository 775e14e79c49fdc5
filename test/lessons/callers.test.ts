import { describe, expect, test } from 'vitest';
import { behaviourOf } from '../../src/lessons/view/behaviour.ts';
import { httpProbe } from '../support/journal-builder.ts';
import { ask, callsFail, failing, lesson } from '../support/lessons.ts';
import { faulted, histogram, type ShortRun, shortRun } from '../support/short-journal.ts';

const READ = httpProbe('read', 'http://127.0.0.1:3000/items/1', { expect: { errorRate: '< 1%' } });
const EMPTIED = 30_000;

/** Connections held from the first fault on, all closed or all let through when it ends. */
const heldToTheEnd = (left: 'left' | 'waiting', held = 8): ShortRun => ({
  units: (proxy, since) => {
    if (proxy !== 'openai' || since < 0) return 10;
    return faulted(since) ? 0 : left === 'waiting' && since < EMPTIED + 2000 ? 30 : 10;
  },
  seen: (proxy, since) => {
    if (proxy !== 'openai') return {};
    if (faulted(since))
      return { open: held, opened: since < 4000 ? 2 : 0, held: { open: held, longestMs: since } };
    const closing = left === 'left' && since >= EMPTIED && since < EMPTIED + 1000;
    return { open: 4, closed: closing ? held : 0 };
  },
});

describe('a call without a time-out', () => {
  test('is told by its age, where requests are seen', () => {
    const told = lesson('no-timeout', {
      units: (proxy, since) => (proxy === 'openai' && faulted(since) ? 0 : 10),
      seen: (proxy, since) =>
        proxy === 'openai' && faulted(since) ? { clients: { open: 6, oldestMs: since } } : { clients: {} },
    });
    expect(told.evidence[0]).toBe(
      'openai, step "dark": 6 calls under way at its end, the oldest for 29.5 s; 0 calls given up',
    );
  });

  test('is told by connections that were waited on until the fault let them go', () => {
    expect(lesson('no-timeout', heldToTheEnd('waiting')).evidence[0]).toContain(
      '8 connections held at its end, the oldest for 29.5 s; when it ended none of them had been left',
    );
  });

  test('is not told where the connections had been left, or calls were given up', () => {
    expect(ask('no-timeout', heldToTheEnd('left'))).toBeUndefined();
    const abandoned = { count: 40, age: histogram(Array(40).fill(3000)) };
    expect(
      ask('no-timeout', {
        seen: (proxy, since) =>
          proxy === 'openai' && faulted(since)
            ? { held: { open: 3, longestMs: 12_000 }, clients: { open: 3, oldestMs: 2900, abandoned } }
            : {},
      }),
    ).toBeUndefined();
  });

  test('cannot be told by a connection or two that many calls may share', () => {
    expect(ask('no-timeout', heldToTheEnd('waiting', 1))).toBeUndefined();
  });

  test('is not assessed where everything was answered', () => {
    expect(ask('no-timeout', { seen: callsFail() })).toHaveProperty('notAssessed');
  });
});

describe('Retry-After', () => {
  const told = (kept: number, early: number) =>
    callsFail({ failed: 60, followed: kept + early, retryAfter: { told: 60, kept, early } });

  test('is ignored where calls come back too early', () => {
    expect(lesson('retry-after-ignored', { seen: told(2, 40) }).claim).toBe(
      'Clients of openai ignore Retry-After: 95.2% of those told when to come back came sooner.',
    );
    expect(ask('retry-after-kept', { seen: told(2, 40) })).toBeUndefined();
  });

  test('is kept where they wait', () => {
    expect(lesson('retry-after-kept', { seen: told(40, 1) }).severity).toBe('good');
    expect(ask('retry-after-ignored', { seen: told(40, 1) })).toBeUndefined();
  });

  test('is neither where some do', () => {
    expect(ask('retry-after-kept', { seen: told(30, 10) })).toBeUndefined();
    expect(ask('retry-after-ignored', { seen: told(30, 10) })).toBeUndefined();
  });

  test('is not assessed where no answer said when, or nobody came back', () => {
    expect(ask('retry-after-ignored', { seen: callsFail({ failed: 90 }) })).toHaveProperty('notAssessed');
    expect(ask('retry-after-kept', { seen: told(1, 1) })).toHaveProperty('notAssessed');
    expect(ask('retry-after-kept', { seen: callsFail() })).toHaveProperty('notAssessed');
  });
});

const evenly = (count: number, from: number, to: number) =>
  histogram(Array.from({ length: count }, (_, index) => from + ((to - from) * index) / count));

describe('pauses between retries', () => {
  const pauses = (first: string, second: string, later: string, longestChain = 3) =>
    callsFail({ failed: 200, followed: 190, backoff: [first, second, later], longestChain });

  test('that never grow are no back-off', () => {
    const found = lesson('no-backoff', {
      seen: pauses(evenly(60, 100, 112), evenly(60, 100, 112), evenly(600, 100, 120), 60),
    });
    expect(found.severity).toBe('high');
    expect(found.claim).toMatch(/try again after the same 10\d ms, up to 60 times in a row/);
  });

  test('that double are one, with or without jitter', () => {
    for (const seen of [
      pauses(evenly(60, 200, 215), evenly(60, 400, 420), ''),
      pauses(evenly(60, 0, 400), evenly(60, 0, 800), evenly(60, 0, 1600)),
      pauses(evenly(60, 375, 500), evenly(60, 750, 1000), ''),
    ])
      expect(ask('no-backoff', { seen })).toBeUndefined();
  });

  test.each([
    ['equally long', evenly(60, 200, 216), true],
    ['spread by a fifth', evenly(60, 200, 240), false],
    ['shortened by up to a quarter at random', evenly(60, 375, 500), false],
    ['drawn from nothing to the whole', evenly(60, 0, 400), false],
  ])('that are %s: told as without jitter is %s', (_, first, stated) => {
    const found = ask('no-jitter', { seen: pauses(first, '', '') });
    expect(found !== undefined && 'severity' in found).toBe(stated);
  });

  test('that come late on a busy machine still begin together', () => {
    const late = histogram([...Array(50).fill(201), ...Array(10).fill(420)]);
    expect(lesson('no-jitter', { seen: pauses(late, '', '') }).severity).toBe('medium');
  });

  test('are not assessed where there are few, or where answers said when to come back', () => {
    expect(ask('no-jitter', { seen: pauses(evenly(8, 100, 101), '', '') })).toHaveProperty('notAssessed');
    expect(ask('no-backoff', { seen: pauses(evenly(80, 100, 101), '', '') })).toHaveProperty('notAssessed');
    const seen = callsFail({
      failed: 100,
      followed: 90,
      backoff: [evenly(60, 1000, 1010), evenly(30, 1000, 1010), ''],
      retryAfter: { told: 100, kept: 90, early: 0 },
    });
    expect(ask('no-backoff', { seen })).toHaveProperty('notAssessed');
    expect(ask('no-jitter', { seen })).toHaveProperty('notAssessed');
  });
});

describe('a circuit breaker', () => {
  const calls = (late: number, extra: ShortRun = {}): ShortRun => ({
    probes: [READ],
    seen: callsFail(),
    units: (proxy, since) => (proxy === 'openai' && faulted(since) && since > 5000 ? late : 10),
    ...extra,
  });

  test('is missing where calls go on', () => {
    expect(lesson('no-breaker', calls(10)).claim).toContain('No circuit breaker opens for openai');
    expect(ask('breaker-opened', calls(10))).toBeUndefined();
  });

  test('opened where they fell to a trickle and users were served', () => {
    expect(lesson('breaker-opened', calls(0.5)).claim).toMatch(
      /Callers left openai alone [5-7](\.\d)? s after/,
    );
    expect(ask('no-breaker', calls(0.5))).toBeUndefined();
  });

  test('is no good news where calls fell because nothing is left that calls', () => {
    expect(ask('breaker-opened', calls(0, { sample: failing(['read']) }))).toBeUndefined();
  });

  test('is neither where calls fell by half', () => {
    expect(ask('no-breaker', calls(4))).toBeUndefined();
    expect(ask('breaker-opened', calls(4))).toBeUndefined();
  });

  test('is not assessed where calls never end, some are answered, or clients wait as told', () => {
    expect(ask('no-breaker', { ...heldToTheEnd('waiting'), probes: [READ] })).toHaveProperty('notAssessed');
    expect(ask('no-breaker', calls(10, { seen: callsFail(undefined, 0.5) }))).toHaveProperty('notAssessed');
    const waits = callsFail({ failed: 90, retryAfter: { told: 90, kept: 50, early: 0 } });
    expect(ask('no-breaker', calls(10, { seen: waits }))).toHaveProperty('notAssessed');
    expect(ask('breaker-opened', calls(10, { seen: waits }))).toHaveProperty('notAssessed');
  });
});

describe('a retry storm', () => {
  test('is not told where there was more to do, and next to no retry', () => {
    const units = (proxy: string, since: number) => (proxy === 'openai' && faulted(since) ? 40 : 10);
    expect(ask('retry-storm', { units, seen: callsFail({ failed: 1200, followed: 40 }) })).toBeUndefined();
    expect(lesson('retry-storm', { units, seen: callsFail({ failed: 1200, followed: 900 }) }).severity).toBe(
      'high',
    );
  });
});

describe('a fallback', () => {
  test('worked where users were served while every call failed', () => {
    const told = lesson('fallback-worked', { probes: [READ], seen: callsFail() });
    expect(told.evidence[0]).toBe(
      'step "dark": openai failed in 100% of its answers; served: read 116 of 116 samples',
    );
  });

  test('did not where some were not, or most calls were well', () => {
    expect(
      ask('fallback-worked', { probes: [READ], seen: callsFail(), sample: failing(['read'], 0.2) }),
    ).toBeUndefined();
    expect(ask('fallback-worked', { probes: [READ], seen: callsFail(undefined, 0.6) })).toBeUndefined();
  });

  test('cannot be told where no call came to an end', () => {
    const endless: ShortRun = { ...heldToTheEnd('waiting'), probes: [READ], sample: failing(['read']) };
    expect(ask('fallback-worked', endless)).toHaveProperty('notAssessed');
    expect(ask('no-fallback', endless)).toHaveProperty('notAssessed');
    const forEver = callsFail({ failed: 300, followed: 298, longestChain: 90 });
    expect(ask('no-fallback', { probes: [READ], seen: forEver, sample: failing(['read']) })).toHaveProperty(
      'notAssessed',
    );
  });

  test('is missed also where calls were given up', () => {
    const run = { ...heldToTheEnd('left'), probes: [READ], sample: failing(['read']) };
    expect(lesson('no-fallback', run).severity).toBe('critical');
  });

  test('of a cache is asked for as well', () => {
    const run = { probes: [READ], faultOn: 'redis', seen: callsFail(undefined, 1, 'redis') };
    expect(lesson('fallback-worked', run).claim).toContain('while redis did nothing but fail');
    expect(lesson('no-fallback', { ...run, sample: failing(['read']) }).claim).toContain('for redis');
  });
});

describe('an answer that breaks off', () => {
  const cut = (followed: number, count = 200): ShortRun => ({
    seen: callsFail({ truncated: { count, followed } }, 0),
  });

  test('is taken as whole where nobody asks again', () => {
    expect(lesson('truncated-accepted', cut(0)).evidence[0]).toContain('none of them were asked for again');
  });

  test('is noticed where it is asked for again, or where calls stop', () => {
    expect(ask('truncated-accepted', cut(130))).toBeUndefined();
    const units = (proxy: string, since: number) =>
      proxy === 'openai' && faulted(since) && since > 3000 ? 1 : 10;
    expect(ask('truncated-accepted', { ...cut(0, 40), units })).toBeUndefined();
  });

  test('is not assessed where none did', () => {
    expect(ask('truncated-accepted', cut(0, 3))).toHaveProperty('notAssessed');
  });
});

describe('what clients did in a step', () => {
  test('is told with the pauses they made, and how long users waited for a substitute', () => {
    const [seen, ...others] = behaviourOf(
      shortRun({
        probes: [READ],
        sample: (_, since) => ({ ms: faulted(since) ? 60 : 10 }),
        seen: callsFail({
          failed: 40,
          followed: 30,
          backoff: [evenly(30, 100, 200), '', ''],
          longestChain: 4,
        }),
      }),
    );
    expect(others).toEqual([]);
    expect(seen).toMatchObject({
      proxy: 'openai',
      step: 1,
      stepName: 'dark',
      retriesPerFailure: 0.75,
      longestChain: 4,
      fallback: [{ probe: 'read', usualMs: 10, ms: 60 }],
    });
    expect(seen!.backoff[0]).toMatchObject({ count: 30 });
    expect(seen!.backoff[0]!.p50).toBeCloseTo(148, -1);
    expect(seen!.backoff[1]).toBeNull();
  });

  test('is nothing where no client was seen', () => {
    expect(behaviourOf(shortRun({ probes: [READ], seen: callsFail() }))).toEqual([]);
  });
});
