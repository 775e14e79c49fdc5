import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import { httpProbe, plan, prometheusProbe, step } from '../support/journal-builder.ts';
import { ask, callsFail, failing, lesson } from '../support/lessons.ts';
import { faulted, type Second, type ShortRun } from '../support/short-journal.ts';

const READ = httpProbe('read', 'http://127.0.0.1:3000/items/1', { expect: { errorRate: '< 1%' } });
const WRITE = httpProbe('write', 'http://127.0.0.1:3000/items', { expect: { errorRate: '< 1%' } });
const STARTED = prometheusProbe('since', 'process_start_time_seconds');
const ALERTS = prometheusProbe('firing', 'ALERTS{alertstate="firing"}');
const EMPTIED = 30_000;

const on = (name: string, at: (since: number) => Second) => (proxy: string, since: number) =>
  proxy === name ? at(since) : {};
const starved = (proxy: string, since: number) =>
  proxy === 'postgres' && faulted(since) && since > 10_000 ? 1 : 40;
const plateau = on('postgres', (since) => ({
  open: faulted(since) ? Math.min(20, 4 + Math.floor(since / 500)) : 4,
}));

describe('connections', () => {
  const run: ShortRun = { probes: [READ], sample: failing(['read'], 0.6), units: starved, seen: plateau };

  test('have run out where no more came, little went through and users suffered', () => {
    const told = lesson('pool-exhausted', run);
    expect(told.claim).toBe('The connections to postgres ran out under the faults.');
    expect(told.evidence[0]).toMatch(
      /20 connections open and not one more \(at most 4 .* fell from 40\/s to/,
    );
  });

  test.each([
    ['users did not suffer', { sample: () => ({}) }],
    ['traffic went on', { units: () => 40 }],
    ['they were no more than usual', { seen: () => ({}) }],
    ['the database itself had the fault', { faultOn: 'postgres' }],
  ] satisfies [string, ShortRun][])('have not where %s', (_, other) => {
    expect(ask('pool-exhausted', { ...run, ...other })).toBeUndefined();
  });

  test('have run out where each had a statement under way, as never before', () => {
    const seen = on('postgres', (since) => ({ open: 5, clients: { open: faulted(since) ? 5 : 1 } }));
    const told = lesson('pool-exhausted', { ...run, units: () => 40, seen });
    expect(told.evidence[0]).toContain('all 5 connections had a statement under way');
  });

  test('have run out where the server says so', () => {
    const seen = on('postgres', (since) => (faulted(since) ? { organic: { '53300': 1 } } : {}));
    expect(lesson('pool-exhausted', { seen }).evidence[0]).toContain('(53300)');
  });

  test('are not assessed without a database or cache behind a proxy', () => {
    const proxies: Plan['proxies'] = plan().proxies.slice(0, 1);
    expect(ask('pool-exhausted', { plan: { proxies } })).toHaveProperty('notAssessed');
    expect(ask('leaked-connections', { plan: { proxies } })).toHaveProperty('notAssessed');
  });

  const openAfter = (after: (since: number) => number) =>
    on('postgres', (since) => ({ open: since < 0 ? 4 : since < EMPTIED ? 20 : after(since - EMPTIED) }));

  test('have leaked where they stay open after the faults', () => {
    const told = lesson('leaked-connections', { seen: openAfter(() => 15) });
    expect(told.evidence[0]).toContain('15 connections or more stayed open');
  });

  test('have leaked where their places are lost: fewer are open, and users wait all the same', () => {
    const told = lesson('leaked-connections', {
      probes: [READ],
      faultOn: 'postgres',
      sample: (_, since) => (since > 0 ? { ok: false, ms: 2000 } : {}),
      units: (proxy, since) => (proxy === 'postgres' && since > 0 ? 3 : 40),
      seen: openAfter(() => 2),
    });
    expect(told.evidence[0]).toContain('fewer connections than usual (2 of 4)');
  });

  test('have not where the pool closes them, or has more to do', () => {
    const closing = openAfter((since) => Math.max(4, 20 - since / 1000));
    expect(ask('leaked-connections', { seen: closing })).toBeUndefined();
    expect(ask('leaked-connections', { seen: openAfter(() => 6) })).toBeUndefined();
    const busy = (_: string, since: number) => (since > EMPTIED ? 30 : 10);
    expect(ask('leaked-connections', { seen: openAfter(() => 15), units: busy })).toBeUndefined();
  });
});

describe('a stampede', () => {
  const run = (duplicates: number, units = 30): ShortRun => ({
    faultOn: 'redis',
    units: (proxy, since) => (proxy === 'postgres' && faulted(since) ? units : 10),
    seen: on('postgres', (since) => ({ clients: { duplicates: faulted(since) ? duplicates : 2 } })),
  });

  test('is told by the same call many times at one moment', () => {
    expect(lesson('cache-stampede', run(24)).evidence[0]).toContain(
      'up to 24 of the same call under way at one moment (2 before)',
    );
  });

  test('is not told of more calls that are not the same', () => {
    expect(ask('cache-stampede', run(3, 60))).toBeUndefined();
  });

  test('is told by three times the calls where they are not told apart', () => {
    const { seen: _, ...blind } = run(0, 35);
    expect(lesson('cache-stampede', blind).severity).toBe('high');
    expect(ask('cache-stampede', { ...blind, units: () => 10 })).toBeUndefined();
  });

  test('is not assessed where no cache had a fault', () => {
    expect(ask('cache-stampede', {})).toHaveProperty('notAssessed');
  });
});

describe('a cascade', () => {
  test('is not told of traffic that fell while nobody suffered, nor of what varies as much by itself', () => {
    expect(ask('cascade', { probes: [READ], units: starved })).toBeUndefined();
    expect(
      ask('cascade', {
        probes: [READ],
        sample: failing(['read'], 0.5),
        units: (proxy, since) => (proxy === 'postgres' && Math.floor(since / 1000) % 8 !== 0 ? 0 : 20),
      }),
    ).toBeUndefined();
  });

  test('is not told of probes that fail at once with the dependency that they need', () => {
    expect(
      ask('cascade', {
        probes: [READ, WRITE],
        sample: failing(['read', 'write']),
        left: [
          [1000, 'write', 'errorRate < 1%'],
          [1500, 'read', 'errorRate < 1%'],
        ],
      }),
    ).toBeUndefined();
  });

  test('is told of errors of its own in a dependency without a fault', () => {
    const seen = on('postgres', (since) => (faulted(since) ? { organic: { '57014': 5 } } : {}));
    expect(lesson('cascade', { probes: [READ], seen }).severity).toBe('high');
  });
});

describe('a system that keeps itself down', () => {
  const never: ShortRun = {
    probes: [READ],
    recovery: 'never',
    sample: (_, since) => (since > 2000 ? { ok: false, ms: 2000 } : {}),
    units: (proxy, since) => (proxy === 'openai' && since > 0 ? 40 : 10),
  };

  test('is told by the load that stays when the cause is gone', () => {
    const told = lesson('metastable', never);
    expect(told.severity).toBe('critical');
    expect(told.evidence[0]).toBe(
      'openai: 40/s after the faults (10/s before them), 0% of them errors of its own',
    );
  });

  test('is not told where it recovered, users are well, or nothing presses', () => {
    expect(ask('metastable', { ...never, recovery: 'in time' })).toBeUndefined();
    expect(ask('metastable', { ...never, sample: () => ({}) })).toBeUndefined();
    expect(ask('metastable', { ...never, units: () => 10 })).toBeUndefined();
  });

  test('is not assessed where recovery was not watched', () => {
    expect(ask('metastable', { ...never, recovery: 'not measured' })).toHaveProperty('notAssessed');
  });
});

describe('a crash', () => {
  const away: ShortRun['sample'] = (_, since) =>
    since > 9000 && since < 12_000 ? { ok: false, ms: 1, reason: 'connection refused' } : {};

  test('is told by a port that refuses connections and answers again', () => {
    const told = lesson('crashed', { probes: [READ], sample: away });
    expect(told.claim).toMatch(/ended under the faults, first 9(\.\d)? s after the first fault/);
    expect(told.evidence[0]).toContain('later it answered again');
  });

  test('is told by a start time that changes', () => {
    const sample: ShortRun['sample'] = (_, since) => ({
      value: since < 12_000 ? 1_700_000_000 : 1_700_000_044,
    });
    expect(lesson('crashed', { probes: [STARTED], sample }).evidence[0]).toContain('began anew');
  });

  test('is told by connections that all end at one moment', () => {
    const seen: ShortRun['seen'] = (_, since) =>
      since >= 9000 && since < 10_000 ? { open: 4, opened: 4, closed: 4 } : {};
    expect(lesson('crashed', { probes: [READ], seen }).evidence[0]).toBe(
      'postgres and redis had no fault and lost all 8 connections at one moment, 9.5 s after the first fault',
    );
  });

  test('is not told of one refusal, of errors, nor of connections that come and go', () => {
    expect(ask('crashed', { probes: [READ], sample: failing(['read']) })).toBeUndefined();
    const once: ShortRun['sample'] = (_, since) =>
      since > 9000 && since <= 9250 ? { ok: false, ms: 1, reason: 'connection refused' } : {};
    expect(ask('crashed', { probes: [READ], sample: once })).toBeUndefined();
    expect(
      ask('crashed', { probes: [READ], seen: () => ({ open: 1, opened: 9, closed: 9 }) }),
    ).toBeUndefined();
  });

  test('is not assessed where nothing asks the system', () => {
    expect(ask('crashed', {})).toHaveProperty('notAssessed');
  });

  test('is not told again as a missing fallback', () => {
    expect(ask('no-fallback', { probes: [READ], sample: away, seen: callsFail() })).toBeUndefined();
  });
});

describe('alerts', () => {
  const fires = (value: number): ShortRun => ({
    probes: [READ, ALERTS],
    sample: ({ name }, since) =>
      name === 'firing'
        ? { value: faulted(since) && since > 15_000 ? value : 1 }
        : faulted(since)
          ? { ok: false, ms: 5 }
          : {},
  });

  test('that stay silent while users suffer are told', () => {
    expect(lesson('silent-alerts', fires(1)).claim).toBe('No alert fired while read failed.');
  });

  test('that fire are not', () => {
    expect(ask('silent-alerts', fires(2))).toBeUndefined();
  });

  test('are not assessed where none is read or nobody suffered', () => {
    expect(ask('silent-alerts', { probes: [READ], sample: failing(['read']) })).toHaveProperty('notAssessed');
    expect(ask('silent-alerts', { probes: [READ, ALERTS], sample: () => ({ value: 1 }) })).toHaveProperty(
      'notAssessed',
    );
  });
});

describe('degradation', () => {
  const run = (ms: number): ShortRun => ({
    probes: [READ, WRITE],
    sample: failing(['write'], 1, ms),
    left: [[1000, 'write', 'errorRate < 1%']],
  });

  test('is graceful where what is refused is refused at once and the rest goes on', () => {
    expect(lesson('graceful-degradation', run(5)).claim).toBe(
      'Degradation was graceful: write was refused at once, and read went on.',
    );
  });

  test('is not where callers hang, nothing is left, recovery fails, or nothing degraded', () => {
    const id = 'graceful-degradation';
    expect(ask(id, run(2000))).toBeUndefined();
    expect(ask(id, { ...run(5), sample: failing(['read', 'write']) })).toBeUndefined();
    expect(ask(id, { ...run(5), recovery: 'never' })).toBeUndefined();
    expect(ask(id, { ...run(5), left: [] })).toBeUndefined();
  });

  test('is not assessed without requests of users', () => {
    expect(ask('graceful-degradation', {})).toHaveProperty('notAssessed');
  });
});

describe('what the system says of itself', () => {
  const HEALTH = httpProbe('up', 'http://127.0.0.1:3000/health', { expect: { status: 200 } });

  test('is nothing that users get: an endpoint that tells of the fault is no missing fallback', () => {
    const run = { probes: [READ, HEALTH], sample: failing(['up']), seen: callsFail() };
    expect(ask('no-fallback', run)).toBeUndefined();
    expect(lesson('fallback-worked', run).severity).toBe('good');
  });
});

describe('a run whose steps bring load and no fault', () => {
  const load = { target: 'http://127.0.0.1:3000', connections: 10, rate: 100, requests: [] };
  const steps = [{ ...step('spike', 30_000), load }];

  test('is judged from its load on', () => {
    const told = lesson('hanging-calls', {
      probes: [READ],
      sample: failing(['read'], 1, 2000),
      faults: false,
      plan: { steps: steps.map((one) => ({ ...one, name: 'dark' })) },
    });
    expect(told.claim).toContain('hang until they give up');
    expect(ask('cascade', { faults: false, plan: { steps } })).toHaveProperty('notAssessed');
  });
});
