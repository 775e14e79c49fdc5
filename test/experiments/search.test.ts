import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Plan, PlannedStep } from '../../src/core/plan.ts';
import { explainPlan } from '../../src/experiments/explain.ts';
import { DEFAULT_LIMITS } from '../../src/safety/limits/defaults.ts';
import { complaintsOf, experiment, planOf as planOfFile } from '../support/experiment-files.ts';
import { probeSpec } from '../support/scripted-probe.ts';
import { Harness, planOf, slow } from './support/harness.ts';

const STEPS = (search: string, rest = 'gate: 2s') => `steps:
  - name: how slow
    duration: 5s
    ${rest}
    search: ${search}
    faults: [{ proxy: redis, type: latency, attributes: { jitter: 10ms } }]`;
const SEARCH = '{ attribute: latency, from: 100ms, to: 5s, within: 10% }';
const file = (steps: string) => ({
  'experiment.yaml': experiment({
    steps,
    steadyState: `steadyState:
  probes:
    - { name: page, http: { url: "http://127.0.0.1:3000/" }, every: 200ms, expect: { p95: "< 300ms" } }`,
    abortWhen: '',
  }),
});
const complaint = (steps: string) => complaintsOf(file(steps)).join('\n');

describe('a step with a search', () => {
  const plan = planOfFile(file(`${STEPS(SEARCH)}\n  - { name: after, duration: 3s }`));

  test('is planned as tries of its own, each with the gate and the whole span', () => {
    expect(plan.steps).toHaveLength(9);
    expect(plan.steps[2]).toMatchObject({
      name: 'how slow, try 3',
      durationMs: 5000,
      gateMs: 2000,
      faults: [{ id: '1.1.3', attributes: { latency: { from: 100, to: 5000 }, jitter: 10 } }],
      search: { name: 'how slow', attribute: 'latency', unit: 'ms', number: 3, of: 8 },
    });
  });

  test('gates the step after it, which may not begin in what the last try left behind', () => {
    expect(plan.steps[8]).toMatchObject({ name: 'after', gateMs: 2000 });
  });

  test('counts its harshest value and all of its tries in the reach', () => {
    expect(plan.reach.addedLatencyMs).toBe(5000);
    expect(plan.reach.durationMs).toBe(8 * (5000 + 3 * 2000) + 3000 + 3 * 2000);
    expect(complaint(STEPS('{ attribute: latency, from: 1s, to: 40s }', 'gate: 1s'))).toBe('');
    expect(complaint(STEPS('{ attribute: latency, from: 1s, to: 9m }').replace('5s', '9m'))).toMatch(
      /^experiment\.yaml:\d+:\d+: .* brings the added latency to 9 min/m,
    );
  });

  test('is told by the plan in sentences, once', () => {
    const told = explainPlan(plan, DEFAULT_LIMITS).replace(/\s+/g, ' ');
    expect(told).toContain('1. how slow, a search of 8 tries at most, each for 5 s');
    expect(told).toContain('halving between 100 ms, which is expected to hold, and 5 s, which is tried last');
    expect(told).toContain('It takes for granted that what breaks at one value breaks at every harsher one.');
    expect(told).toContain('Before each the faults are taken back');
    expect(told).toContain('2. after');
    expect(told).not.toContain('try 2');
  });

  test('searches the toxicity too', () => {
    const [first] = planOfFile(file(STEPS('{ attribute: toxicity, from: 1%, to: 80% }'))).steps;
    expect(first).toMatchObject({
      faults: [{ toxicity: { from: 0.01, to: 0.8 } }],
      search: { unit: 'share', within: 0.1 },
    });
  });

  test.each([
    ['a missing gate', STEPS(SEARCH, ''), /needs a "gate"/],
    [
      'an attribute that the fault does not have',
      STEPS('{ attribute: latncy, from: 1s, to: 2s }'),
      /"latncy" is not valid.*latency, jitter, toxicity.*Did you mean "latency"/,
    ],
    [
      'a value that the attribute does not take',
      STEPS('{ attribute: latency, from: soon, to: 2s }'),
      /"soon" is not a duration|expected a duration/,
    ],
    ['a span that begins at nothing', STEPS('{ attribute: latency, from: 0, to: 2s }'), /above 0/],
    [
      'more tries than a run should have',
      STEPS('{ attribute: latency, from: 1, to: 10s, within: 0.01% }'),
      /more than 12 tries/,
    ],
    [
      'tries that are too short to be judged',
      STEPS(SEARCH).replace('5s', '1s'),
      /cannot be judged: 20 samples of probe "page" take 4 s/,
    ],
    [
      'more injections than a try that ends early would have',
      STEPS(SEARCH, 'gate: 2s\n    expect: { injected: ">= 20" }'),
      /a try may end early/,
    ],
    [
      'several faults',
      STEPS(SEARCH).replace('[{', '[{ proxy: db, type: latency }, {'),
      /the one fault of its step, and there are 2/,
    ],
    [
      'two searches of one name',
      `${STEPS(SEARCH)}${STEPS(SEARCH).replace('steps:', '')}`,
      /Another step is named "how slow"/,
    ],
  ])('is refused for %s', (_, steps, why) => {
    expect(complaint(steps)).toMatch(why);
  });
});

const SPAN = { name: 'how slow', attribute: 'latency', unit: 'ms', from: 100, to: 5000, within: 0.1, of: 8 };

function searchPlan(rest: readonly PlannedStep[] = []): Plan {
  const tries = Array.from({ length: 8 }, (_, index) => ({
    ...slow(`how slow, try ${index + 1}`, { durationMs: 8000, gateMs: 1000 }),
    search: { ...SPAN, number: index + 1 },
  }));
  const whole = tries.map((step) => ({
    ...step,
    faults: step.faults.map((fault) => ({ ...fault, attributes: { latency: { from: 100, to: 5000 } } })),
  }));
  const probes = [probeSpec('read', { p95: '< 300ms' }, { everyMs: 100, windowMs: 3000, timeoutMs: 6000 })];
  return planOf([...whole, ...rest], { probes, abortWhen: [] });
}

describe('a run with a search', () => {
  let run: Harness;
  beforeEach(() => {
    run = new Harness();
    run.limits = { ...run.limits, abortWhen: [], monitor: { ...run.limits.monitor, falseAbort: 0 } };
  });
  afterEach(() => run.close());

  /** Above this latency of its dependency the system is too slow. */
  function breaksAt(ms: number): void {
    const latency = () => Number(run.plane.set?.faults[0]?.attributes?.latency ?? 0);
    run.probe.answer(() => ({ ok: true, ms: latency() > ms ? 310 : 5 }));
  }

  test('finds the breaking point by tries with a gate between, and holds', async () => {
    breaksAt(800);
    const result = await run.run(searchPlan());
    const tries = run.of('search-try');
    expect(tries[0]).toMatchObject({ step: 0, search: 'how slow', value: 100, good: true });
    expect(tries.find(({ good }) => !good)).toMatchObject({ missed: 'read: p95 < 300ms' });
    const [found] = run.of('search-ended');
    expect(found!.lastGood).toBeLessThanOrEqual(800);
    expect(found!.firstBad).toBeGreaterThan(800);
    expect(found!.firstBad! / found!.lastGood!).toBeLessThanOrEqual(1.11);
    expect(run.of('step-gate').filter(({ outcome }) => outcome === 'reached')).toHaveLength(tries.length);
    // What the journal says was tried is what was in force.
    expect(run.of('step-intended').map(({ faults }) => faults[0]!.attributes!.latency)).toEqual(
      tries.map(({ value }) => value),
    );
    expect(result).toMatchObject({ verdict: 'held', exit: 0 });
    expect(result.sentence).toMatch(/latency held at \d+ ms and no more at \d+ ms in "how slow"/);
  });

  test('ends a try with the first expectation that is missed', async () => {
    breaksAt(800);
    await run.run(searchPlan());
    const bad = run.of('search-try').find(({ good }) => !good)!;
    const applied = run.of('step-applied').find(({ step }) => step === bad.step)!;
    expect(bad.mono - applied.mono).toBeLessThan(7500);
  });

  test('has no breaking point where the harshest value holds', async () => {
    breaksAt(9000);
    const result = await run.run(searchPlan());
    expect(run.of('search-ended')).toMatchObject([{ lastGood: 5000, firstBad: null }]);
    expect(result.sentence).toContain('latency held up to 5 s, the harshest of "how slow"');
  });

  test('deviates where not even the mildest value holds', async () => {
    breaksAt(50);
    const result = await run.run(searchPlan());
    expect(run.of('step-intended')).toHaveLength(1);
    expect(result).toMatchObject({ verdict: 'deviated', exit: 1 });
    expect(result.sentence).toContain('not even the mildest value held: latency of 100 ms in "how slow"');
  });

  test('deviates where health does not return after a try', async () => {
    let broken = false;
    run.probe.answer(() => {
      broken ||= Number(run.plane.set?.faults[0]?.attributes?.latency ?? 0) > 800;
      return { ok: true, ms: broken ? 310 : 5 };
    });
    const result = await run.run(searchPlan());
    expect(result).toMatchObject({ verdict: 'deviated', exit: 1 });
    expect(result.sentence).toContain('did not return at the gate before step');
  });

  test('goes on with the steps after it, and holds those to their expectations', async () => {
    breaksAt(800);
    const after = slow('after', { gateMs: 1000, durationMs: 2000 });
    expect(await run.run(searchPlan([after]))).toMatchObject({ verdict: 'held' });
    expect(run.of('step-intended').at(-1)).toMatchObject({ step: 8, name: 'after' });
  });

  test('obeys the safety limits: a breach during a try ends the run', async () => {
    run.probe.answer(() => ({ ok: (run.plane.set?.faults.length ?? 0) === 0, ms: 5 }));
    run.limits = DEFAULT_LIMITS;
    const plan = { ...searchPlan(), abortWhen: planOf().abortWhen };
    const lenient = {
      ...plan,
      probes: [probeSpec('read', { errorRate: '<= 100%' }, { everyMs: 100, windowMs: 3000 })],
    };
    expect(await run.run(lenient)).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(run.of('search-ended')).toEqual([]);
  });
});
