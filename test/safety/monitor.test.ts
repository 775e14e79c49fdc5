import { describe, expect, test } from 'vitest';
import { FaultlineError } from '../../src/core/errors.ts';
import type { AbortRule } from '../../src/core/limits.ts';
import type { ProbeSpec } from '../../src/core/plan.ts';
import type { MonitorEvent } from '../../src/safety/contract.ts';
import { createMonitor, type MonitorOptions } from '../../src/safety/monitor.ts';
import { createWatch } from '../../src/safety/watch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { probeSpec, scriptedProbe } from '../support/scripted-probe.ts';

const HANGING = { ms: Number.POSITIVE_INFINITY };
const LIMITS = {
  leaseMs: 9000,
  falseAbort: 0.001,
  tolerate: { errorRate: 1.5, latency: 1.25 },
  onMissing: 'abort',
  onMonitorLoss: 'rollback',
} as const;

function rule(given: Partial<AbortRule> = {}): AbortRule {
  return {
    probe: 'read',
    measure: 'errorRate',
    operator: '>',
    bound: 0.2,
    relative: false,
    forMs: 5000,
    text: 'errorRate > 20% for 5 s',
    source: 'experiment',
    ...given,
  };
}

const READ = probeSpec('read', { errorRate: '< 1%', p95: '< 300ms' });

/** A monitor after a healthy baseline of ten seconds; its time counts from there. */
async function monitoring(
  options: Partial<Pick<MonitorOptions, 'rules' | 'renew' | 'renewEveryMs' | 'judges'>> & {
    specs?: readonly ProbeSpec[];
  } = {},
) {
  const { specs = [READ], rules = [rule()], ...rest } = options;
  const clock = new FakeClock();
  const probes = specs.map(({ name }) => scriptedProbe(name, clock));
  for (const probe of probes) probe.answer({ value: 0 });
  const watch = createWatch({ specs, probes, clock });
  watch.start();
  await clock.advanceAsync(10_000);
  const start = clock.now();
  const renewals: number[] = [];
  const monitor = createMonitor({
    watch,
    specs,
    rules,
    baseline: watch.takeBaseline(0),
    limits: LIMITS,
    renew: async () => {
      renewals.push(clock.now() - start);
    },
    clock,
    ...rest,
  });
  const events: { at: number; event: MonitorEvent }[] = [];
  monitor.onEvent((event) => events.push({ at: clock.now() - start, event }));
  monitor.start();
  return {
    clock,
    watch,
    probe: probes[0]!,
    probes,
    monitor,
    renewals,
    events,
    kinds: () => events.map(({ event }) => event.kind),
    of: <K extends MonitorEvent['kind']>(kind: K) =>
      events.flatMap(({ at, event }) =>
        event.kind === kind ? [{ at, ...(event as Extract<MonitorEvent, { kind: K }>) }] : [],
      ),
  };
}

describe('a breach', () => {
  test('comes when a measure has been beyond its bound for the rule’s time, with its figures', async () => {
    const { clock, probe, of } = await monitoring();
    probe.answer({ ok: false, reason: 'connection refused' });
    await clock.advanceAsync(20_000);
    const [breach, ...more] = of('breach');
    expect(more).toEqual([]);
    // 40 samples are in the window; the ninth failed one is the first beyond 20%, some two seconds on.
    expect(breach!.at).toBeGreaterThanOrEqual(7000);
    expect(breach!.at).toBeLessThan(8000);
    expect(breach).toMatchObject({ probe: 'read', baseline: 0, rule: { text: 'errorRate > 20% for 5 s' } });
    expect(breach!.value).toBeGreaterThan(0.2);
    expect(breach!.text).toMatch(
      /^read: errorRate was \d+(\.\d+)?% over \d+ samples, for 5 s \(baseline 0%\); the experiment stops at "errorRate > 20% for 5 s"\.$/,
    );
  });

  test('does not come when the measure was back within its bound in between', async () => {
    const { clock, probe, of } = await monitoring({ rules: [rule({ measure: 'value', bound: 10 })] });
    for (let turn = 0; turn < 6; turn++) {
      probe.answer({ value: 11 });
      await clock.advanceAsync(4000);
      probe.answer({ value: 9 });
      await clock.advanceAsync(1000);
    }
    expect(of('breach')).toEqual([]);
    probe.answer({ value: 11 });
    await clock.advanceAsync(6000);
    expect(of('breach')).toHaveLength(1);
  });

  test('comes at once without a time', async () => {
    const { clock, probe, of } = await monitoring({
      rules: [rule({ measure: 'value', bound: 0, forMs: 0 })],
    });
    await clock.advanceAsync(1000);
    probe.answer({ value: 1 });
    await clock.advanceAsync(300);
    expect(of('breach')).toMatchObject([{ value: 1 }]);
  });

  test('comes for a system that hangs, as its time-outs are failed samples', async () => {
    const { clock, probe, of } = await monitoring();
    probe.answer(HANGING);
    await clock.advanceAsync(20_000);
    expect(of('breach')).toHaveLength(1);
    expect(of('breach')[0]!.at).toBeLessThan(10_000);
    expect(of('missing')).toEqual([]);
  });

  test('is judged against the baseline where the rule says so', async () => {
    const slow = rule({ measure: 'p95', bound: 3, relative: true, forMs: 0, text: 'p95 > 3x of baseline' });
    const { clock, probe, of } = await monitoring({ rules: [slow] });
    probe.answer({ ms: 29 });
    await clock.advanceAsync(15_000);
    expect(of('breach')).toEqual([]);
    probe.answer({ ms: 45 });
    await clock.advanceAsync(15_000);
    expect(of('breach')).toMatchObject([
      {
        value: 45,
        baseline: 10,
        text: 'read: p95 was 45 ms over 40 samples (baseline 10 ms); the experiment stops at "p95 > 3x of baseline", which is 30 ms here.',
      },
    ]);
  });

  test('of a rule for all probes names the one that breached it', async () => {
    const specs = [READ, probeSpec('write')];
    const { clock, probes, of } = await monitoring({
      specs,
      rules: [rule({ probe: '*', source: 'safety-limits' })],
    });
    probes[1]!.answer({ ok: false });
    await clock.advanceAsync(10_000);
    expect(of('breach')).toMatchObject([{ probe: 'write' }]);
    expect(of('breach')[0]!.text).toContain('the safety limits stop at');
  });

  test('comes once, whatever else is breached later', async () => {
    const { clock, probe, of } = await monitoring({ rules: [rule(), rule({ bound: 0.5 })] });
    probe.answer({ ok: false });
    await clock.advanceAsync(30_000);
    expect(of('breach')).toHaveLength(1);
  });

  test('can come from a judge that counts samples itself', async () => {
    let failures = 0;
    const threeInARow = {
      probe: 'read',
      judge({ sample }: { sample?: { ok: boolean } }) {
        if (sample) failures = sample.ok ? 0 : failures + 1;
        return failures < 3
          ? undefined
          : { rule: rule(), probe: 'read', value: 3, baseline: 0, text: 'three in a row' };
      },
    };
    const { clock, probe, of } = await monitoring({ rules: [], judges: [threeInARow] });
    probe.answer({ ok: false });
    await clock.advanceAsync(1000);
    expect(of('breach')).toMatchObject([{ text: 'three in a row' }]);
  });
});

describe('the lease is renewed', () => {
  test('at a third of its time while health allows it', async () => {
    const { clock, renewals } = await monitoring();
    await clock.advanceAsync(10_000);
    expect(renewals).toEqual([3000, 6000, 9000]);
  });

  test('more often where asked, never more seldom', async () => {
    const often = await monitoring({ renewEveryMs: 1000 });
    await often.clock.advanceAsync(3500);
    expect(often.renewals).toEqual([1000, 2000, 3000]);
    const seldom = await monitoring({ renewEveryMs: 60_000 });
    await seldom.clock.advanceAsync(3500);
    expect(seldom.renewals).toEqual([3000]);
  });

  test('while a probe fails within the limits, since that is evidence', async () => {
    const { clock, probe, renewals, of } = await monitoring({ rules: [] });
    probe.answer(HANGING);
    await clock.advanceAsync(30_500);
    expect(renewals).toHaveLength(10);
    expect(of('missing')).toEqual([]);
  });

  test('no more after a breach', async () => {
    const { clock, probe, renewals, of } = await monitoring();
    probe.answer({ ok: false });
    await clock.advanceAsync(30_000);
    expect(renewals.every((at) => at <= of('breach')[0]!.at)).toBe(true);
  });

  test('no more once the monitor is stopped, and nothing is said any more', async () => {
    const { clock, probe, monitor, renewals, events } = await monitoring();
    monitor.stop();
    probe.answer({ ok: false });
    await clock.advanceAsync(30_000);
    expect(renewals).toEqual([]);
    expect(events).toEqual([]);
  });

  test('not by a process that stood still longer than the freshness of its samples', async () => {
    const { clock, renewals, of } = await monitoring();
    await clock.advanceAsync(1000);
    clock.freeze(8000);
    await clock.advanceAsync(0);
    expect(renewals).toEqual([]);
    expect(of('missing')).toHaveLength(1);
  });
});

describe('a missing probe', () => {
  test('is said once, with its age, and ends the renewals', async () => {
    const spec = { ...READ };
    const { clock, watch, renewals, of } = await monitoring({ specs: [spec] });
    await clock.advanceAsync(1000);
    await watch.stop();
    await clock.advanceAsync(20_000);
    const [missing, ...more] = of('missing');
    expect(more).toEqual([]);
    expect(missing).toMatchObject({ probe: 'read' });
    expect(missing!.ageMs).toBeGreaterThan(3250);
    expect(missing!.ageMs).toBeLessThanOrEqual(3500);
    expect(renewals).toEqual([3000]);
  });
});

describe('the loss of the data plane', () => {
  test('is said when it refuses to renew, with the reason', async () => {
    const refusal = new FaultlineError('OTHER_INSTANCE', { instance: 'b', asked: 'a' });
    const { clock, of } = await monitoring({ renew: () => Promise.reject(refusal) });
    await clock.advanceAsync(30_000);
    expect(of('monitor-loss')).toEqual([
      {
        kind: 'monitor-loss',
        at: 3000,
        code: 'OTHER_INSTANCE',
        reason: 'the lease was not renewed: This data plane is instance b, not a: it was restarted.',
      },
    ]);
  });

  test('is said when it cannot be reached', async () => {
    const { clock, of } = await monitoring({
      renew: () => Promise.reject(new Error('connect ECONNREFUSED')),
    });
    await clock.advanceAsync(4000);
    expect(of('monitor-loss')).toMatchObject([
      { reason: 'the data plane did not answer when the lease was to be renewed: connect ECONNREFUSED' },
    ]);
  });

  test('is said when it has not answered within a third of the lease, in time for the lease to be still live', async () => {
    const { clock, of } = await monitoring({ renew: () => new Promise(() => {}) });
    await clock.advanceAsync(8000);
    expect(of('monitor-loss')).toMatchObject([
      { at: 6000, reason: 'renewing the lease had no answer within 3 s' },
    ]);
  });

  test('is not said after a breach, however the renewal under way ends', async () => {
    let refuse = (_: Error) => {};
    const { clock, probe, kinds } = await monitoring({
      rules: [rule({ measure: 'value', bound: 0, forMs: 0 })],
      renew: () =>
        new Promise((_, reject) => {
          refuse = reject;
        }),
    });
    await clock.advanceAsync(3100);
    probe.answer({ value: 1 });
    await clock.advanceAsync(400);
    refuse(new Error('spent'));
    await clock.advanceAsync(10_000);
    expect(kinds()).toEqual(['breach']);
  });
});

describe('the cascade', () => {
  test('names each expectation when it is first missed, once, with its figure and the baseline’s', async () => {
    const { clock, probe, of } = await monitoring({ rules: [] });
    probe.answer({ ms: 400 });
    await clock.advanceAsync(5000);
    probe.answer({ ms: 400, ok: false });
    await clock.advanceAsync(5000);
    const left = of('left-baseline');
    expect(left).toMatchObject([
      { probe: 'read', expectation: 'p95 < 300ms', measure: 'p95', value: 400, baseline: 10 },
      {
        probe: 'read',
        expectation: 'errorRate < 1%',
        measure: 'errorRate',
        value: expect.closeTo(1 / 40, 2),
        baseline: 0,
      },
    ]);
    expect(left[0]!.at).toBeLessThan(1500);
  });

  test('comes in the order in which probes left their baseline', async () => {
    const specs = [READ, probeSpec('tasks', { value: '== 0' })];
    const { clock, probes, of } = await monitoring({ specs, rules: [] });
    probes[1]!.answer({ value: 2 });
    await clock.advanceAsync(1000);
    probes[0]!.answer({ ok: false });
    await clock.advanceAsync(3000);
    expect(of('left-baseline').map(({ probe }) => probe)).toEqual(['tasks', 'read']);
  });

  test('says that one returned only after half a window without a miss', async () => {
    const specs = [probeSpec('tasks', { value: '== 0' })];
    const { clock, probe, of, events } = await monitoring({ specs, rules: [] });
    probe.answer({ value: 1 });
    await clock.advanceAsync(1000);
    probe.answer({ value: 0 });
    // The last bad sample leaves the window after ten seconds, and five more must be good.
    await clock.advanceAsync(15_000);
    expect(of('returned')).toEqual([]);
    await clock.advanceAsync(1500);
    expect(of('returned')).toMatchObject([{ probe: 'tasks', expectation: 'value == 0' }]);
    probe.answer({ value: 1 });
    await clock.advanceAsync(500);
    expect(events.map(({ event }) => event.kind)).toEqual(['left-baseline', 'returned', 'left-baseline']);
  });

  test('goes on after a breach, until the monitor is stopped', async () => {
    const specs = [READ, probeSpec('tasks', { value: '== 0' })];
    const { clock, probes, kinds } = await monitoring({
      specs,
      rules: [rule({ probe: 'tasks', measure: 'value', bound: 0, forMs: 0 })],
    });
    probes[1]!.answer({ value: 1 });
    await clock.advanceAsync(1000);
    probes[0]!.answer({ ms: 900 });
    await clock.advanceAsync(5000);
    expect(kinds()).toEqual(['left-baseline', 'breach', 'left-baseline']);
  });
});
