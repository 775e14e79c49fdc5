import { describe, expect, it } from 'vitest';
import { parseExpectation } from '../../src/core/expectation.ts';
import type { JournalBody, RollbackProof } from '../../src/core/journal.ts';
import type { LoadSpec, Plan } from '../../src/core/plan.ts';
import { judge } from '../../src/experiments/verdict.ts';
import { JournalBuilder } from '../support/journal-builder.ts';
import { planOf, RULE, slow } from './support/harness.ts';

const PROVEN: RollbackProof = { proven: true, empty: true, held: 0, canaries: [], notUndone: [] };

const COUNTS = [{ id: '1.1', proxy: 'web', type: 'latency', matched: 40, injected: 40, skipped: {} }];

const events = {
  intended: { type: 'step-intended', step: 0, name: 'slow', epoch: 1, faults: [] },
  applied: { type: 'step-applied', step: 0, epoch: 1 },
  ended: { type: 'step-ended', step: 0, counts: COUNTS, injectedMet: true },
  judging: {
    type: 'judging',
    probe: 'read',
    tests: [
      { measure: 'errorRate', bad: 0, samples: 60, looks: 5, tolerated: 0.01, threshold: 4000 },
      { measure: 'p95', bad: 3, samples: 60, looks: 5, tolerated: 0.2, threshold: 4000, needs: 400 },
    ],
  },
  starved: {
    type: 'step-ended',
    step: 0,
    counts: [{ ...COUNTS[0]!, injected: 0 }],
    injectedMet: false,
  },
  left: { type: 'left-baseline', probe: 'read', expectation: 'p95 < 300ms', value: 412, baseline: 40 },
  breach: { type: 'breach', rule: RULE, probe: 'read', value: 0.64, baseline: 0, text: 'x' },
  missing: { type: 'missing', probe: 'read', ageMs: 4000, leadsTo: 'abort' },
  silent: { type: 'missing', probe: 'read', ageMs: 4000, leadsTo: 'inconclusive' },
  finished: { type: 'rollback-started', cause: 'finished', reason: 'all steps were played' },
  signal: { type: 'rollback-started', cause: 'signal', reason: 'stopped by SIGINT' },
  loss: { type: 'rollback-started', cause: 'monitor-loss', reason: 'the data plane is gone.' },
  interrupted: { type: 'rollback-started', cause: 'interrupted', reason: 'the run was interrupted' },
  emptied: { type: 'rollback-emptied', tookMs: 18 },
  proven: { type: 'rollback-proof', proof: PROVEN, tookMs: 5 },
  unproven: {
    type: 'rollback-proof',
    proof: { ...PROVEN, proven: false, reason: 'two units are held' },
    tookMs: 5,
  },
  recovered: { type: 'recovery', recovered: true, afterMs: 1200, windows: [] },
  late: { type: 'recovery', recovered: false, afterMs: 14_000, windows: [] },
  gateMissed: { type: 'step-gate', step: 0, outcome: 'not-reached', waitedMs: 30_000 },
  refused: { type: 'gate-refused', gate: 'window open', reason: 'A freeze holds.' },
  unhealthy: { type: 'baseline', windows: [], healthy: false, reason: 'Probe "read" has no sample.' },
} as const satisfies Record<string, JournalBody>;

type Name = keyof typeof events;

/** Judges a journal of a run's start and these events, a second apart. */
function verdictOf(...names: readonly Name[]) {
  const builder = new JournalBuilder();
  const owner = { pid: 1, startTime: '', bootId: '' };
  builder.add(0, { type: 'run-started', run: 'r', plan: planOf([slow()]), version: '', owner });
  names.forEach((name, index) => {
    builder.add((index + 1) * 1000, events[name]);
  });
  return judge(builder.build());
}

const THROUGH = ['intended', 'applied', 'ended'] as const;
const AFTER = ['finished', 'emptied', 'proven', 'recovered'] as const;

describe('the verdict is the first that applies', () => {
  it.each<[string, Name[], string, number]>([
    ['held: everything held', [...THROUGH, ...AFTER], 'held', 0],
    [
      'deviated: an expectation was missed',
      ['intended', 'applied', 'left', 'ended', ...AFTER],
      'deviated',
      1,
    ],
    ['deviated: recovery came late', [...THROUGH, 'finished', 'emptied', 'proven', 'late'], 'deviated', 1],
    ['deviated: a gate was not reached', [...THROUGH, 'gateMissed', ...AFTER], 'deviated', 1],
    [
      'held: what is missed after the rollback is recovery',
      [...THROUGH, 'finished', 'left', 'emptied', 'proven', 'recovered'],
      'held',
      0,
    ],
    [
      'inconclusive: no traffic, although an expectation was missed',
      ['intended', 'applied', 'left', 'starved', ...AFTER],
      'inconclusive',
      5,
    ],
    [
      'inconclusive: a signal',
      ['intended', 'applied', 'left', 'signal', 'emptied', 'ended', 'proven'],
      'inconclusive',
      5,
    ],
    [
      'inconclusive: samples missing, where the limits say so',
      ['intended', 'applied', 'silent', 'finished', 'emptied', 'ended', 'proven', 'recovered'],
      'inconclusive',
      5,
    ],
    [
      'inconclusive: recovery was not measured',
      [...THROUGH, 'finished', 'emptied', 'proven'],
      'inconclusive',
      5,
    ],
    [
      'inconclusive: the controller died',
      ['intended', 'applied', 'interrupted', 'emptied', 'proven'],
      'inconclusive',
      5,
    ],
    ['inconclusive: nothing was injected yet', ['signal', 'emptied', 'proven'], 'inconclusive', 5],
    [
      'aborted: a breach, although no traffic was met',
      ['intended', 'applied', 'breach', 'finished', 'emptied', 'starved', 'proven', 'recovered'],
      'aborted',
      3,
    ],
    [
      'aborted: a breach, although a signal came',
      ['intended', 'applied', 'breach', 'signal', 'emptied', 'ended', 'proven'],
      'aborted',
      3,
    ],
    [
      'aborted: samples missing',
      ['intended', 'applied', 'missing', 'finished', 'emptied', 'ended', 'proven', 'recovered'],
      'aborted',
      3,
    ],
    [
      'aborted: the monitor lost the data plane',
      ['intended', 'applied', 'loss', 'emptied', 'ended', 'proven'],
      'aborted',
      3,
    ],
    ['exit 4: held, and not proven', [...THROUGH, 'finished', 'emptied', 'unproven', 'recovered'], 'held', 4],
    [
      'exit 4: aborted, and not proven',
      ['intended', 'applied', 'breach', 'finished', 'emptied', 'ended', 'unproven'],
      'aborted',
      4,
    ],
    ['exit 4: no proof at all', ['intended', 'applied'], 'inconclusive', 4],
    ['exit 6: a gate said no', ['refused'], 'inconclusive', 6],
    ['exit 6: the baseline was unhealthy', ['unhealthy'], 'inconclusive', 6],
    ['exit 6: the first set of faults was refused', ['intended', 'refused'], 'inconclusive', 6],
  ])('%s', (_, names, verdict, exit) => {
    expect(verdictOf(...names)).toMatchObject({ verdict, exit });
  });
});

describe('the sentence of a verdict says why, with the figures', () => {
  it.each<[string, Name[]]>([
    [
      'aborted: read errorRate was 64% (> 20% for 1 s) 1 s after the first fault; rolled back in 18 ms; recovered 1.2 s after that',
      ['intended', 'applied', 'breach', 'finished', 'emptied', 'ended', 'proven', 'recovered'],
    ],
    [
      'aborted: the data plane is gone 1 s after the first fault; rolled back in 18 ms',
      ['intended', 'applied', 'loss', 'emptied', 'ended', 'proven'],
    ],
    [
      'deviated: read was expected to keep p95 < 300ms and was 412 ms (baseline 40 ms) 1 s after the first fault; rolled back in 18 ms; recovered 1.2 s after that',
      ['intended', 'applied', 'left', 'ended', ...AFTER],
    ],
    [
      'deviated: no recovery within 10 s of the rollback: it took 14 s after the rollback; rolled back in 18 ms',
      [...THROUGH, 'finished', 'emptied', 'proven', 'late'],
    ],
    [
      'held: 2 expectations of 1 probe held through 1 step with 40 injections; rolled back in 18 ms; recovered 1.2 s after that; ROLLBACK NOT PROVEN: two units are held',
      [...THROUGH, 'finished', 'emptied', 'unproven', 'recovered'],
    ],
    [
      'held: 2 expectations of 1 probe held through 1 step with 40 injections; rolled back in 18 ms; recovered 1.2 s after that; inconclusive for 1 of 2 sequential tests, whose baseline is too short to judge by',
      ['judging', ...THROUGH, 'finished', 'emptied', 'proven', 'recovered'],
    ],
    ['refused: A freeze holds', ['refused']],
    ['refused: the baseline is not healthy: Probe "read" has no sample', ['unhealthy']],
  ])('%s', (sentence, names) => {
    expect(verdictOf(...names).sentence).toBe(sentence);
  });
});

describe('a load that has thresholds', () => {
  const below = (text: string) => parseExpectation('p95', text);
  const load = (...bounds: string[]): LoadSpec => ({
    target: 'http://127.0.0.1:1',
    connections: 5,
    rate: 5,
    requests: [],
    traffic: {
      profile: 'own',
      stages: [{ name: 'rush', durationMs: 1000, counts: 'users', level: { from: 5, to: 5 } }],
      thinkMs: { from: 1000, to: 1000 },
      scenarios: [],
      thresholds: bounds.map((text) => ({ expect: below(text) })),
      timeScale: 1,
      timeoutMs: 1000,
      seed: 1,
    },
  });
  const saw = (requests: number, p95: number, step?: number): JournalBody => {
    const total = { requests, failed: 0, errorRate: 0, throughput: 5, p50: 10, p95, p99: p95, max: p95 };
    return {
      type: 'load',
      ...(step === undefined ? {} : { step }),
      ...{ requests, errors: 0, timeouts: 0, non2xx: 0, p50: 10, p99: p95 },
      traffic: {
        profile: 'own',
        durationMs: 1000,
        total,
        scenarios: {},
        stages: { rush: total },
        wrong: 0,
        underWay: { requests: 0, oldestMs: 0 },
        windowMs: 500,
        windows: [],
      },
    };
  };
  const sentenceOf = (plan: Plan, ...seen: JournalBody[]) => {
    const builder = new JournalBuilder();
    const owner = { pid: 1, startTime: '', bootId: '' };
    builder.add(0, { type: 'run-started', run: 'r', plan, version: '', owner });
    [...[...THROUGH, ...AFTER].map((name) => events[name]), ...seen].forEach((event, index) => {
      builder.add((index + 1) * 1000, event);
    });
    const { sentence } = judge(builder.build());
    return sentence.split('; rolled back')[0];
  };

  it.each<[string, Plan, JournalBody[]]>([
    [
      'held: 2 expectations of 1 probe held through 1 step with 40 injections; the load met 2 thresholds',
      planOf([slow('slow', { load: load('< 1s') })], { load: load('< 1s') }),
      [saw(40, 900), saw(40, 900, 0)],
    ],
    [
      'deviated: the load was to meet p95 < 1s and had 1.2 s',
      planOf([slow()], { load: load('< 1s') }),
      [saw(40, 1200)],
    ],
    [
      'deviated: the load of step 1 "slow" was to meet p95 < 1s and had 1.2 s',
      planOf([slow('slow', { load: load('< 1s') })], { load: load('< 1s') }),
      [saw(40, 900), saw(40, 1200, 0)],
    ],
    [
      'inconclusive: the load could not be judged by p95 < 1s: 8 requests are too few to tell',
      planOf([slow()], { load: load('< 1s') }),
      [saw(8, 900)],
    ],
    ['inconclusive: the load did not say what it saw', planOf([slow()], { load: load('< 1s') }), []],
  ])('%s', (sentence, plan, seen) => {
    expect(sentenceOf(plan, ...seen)).toBe(sentence);
  });
});
