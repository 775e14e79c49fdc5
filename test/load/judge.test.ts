import { describe, expect, test } from 'vitest';
import { parseExpectation, parseRelativeExpectation } from '../../src/core/expectation.ts';
import { seededUnit } from '../../src/core/hash.ts';
import { breakingPoint } from '../../src/load/breaking.ts';
import { compareLoads } from '../../src/load/compare.ts';
import { figuresCsv, windowsCsv } from '../../src/load/result/csv.ts';
import { judgeLoad } from '../../src/load/result/judge.ts';
import { judgeThresholds } from '../../src/load/thresholds.ts';
import { figures, loadSummary, stage, summaryOf, trafficOf } from './support/traffic.ts';

const must = (measure: Parameters<typeof parseExpectation>[0], bound: string) =>
  parseExpectation(measure, bound);

describe('a threshold', () => {
  const summary = summaryOf({
    total: figures({ throughput: 9, errorRate: 0.02 }),
    scenarios: { read: figures({ p50: 10 }), write: figures({ p50: 30 }), rare: figures({ requests: 19 }) },
    stages: { before: figures({ p95: 100 }), after: figures({ p95: 160 }), never: figures({ requests: 0 }) },
  });

  test.each([
    ['of a percentile', { expect: must('p95', '< 300ms') }, true, 'p95 < 300ms', '100 ms'],
    ['of errors', { expect: must('errorRate', '< 1%') }, false, 'errorRate < 1%', '2%'],
    [
      'of throughput a minute',
      { expect: must('throughput', '>= 600/min') },
      false,
      'throughput >= 600/min',
      '9/s',
    ],
    ['of throughput a second', { expect: must('throughput', '> 8/s') }, true, 'throughput > 8/s', '9/s'],
    [
      'of one scenario beside another',
      { scenario: 'read', against: 'write', expect: parseRelativeExpectation('p50 < 1x') },
      true,
      'scenario read: p50 < 1x of write',
      '10 ms, of 30 ms',
    ],
    [
      'of one stage beside another',
      { stage: 'after', against: 'before', expect: parseRelativeExpectation('p95 < 1.5x') },
      false,
      'stage after: p95 < 1.5x of before',
      '160 ms, of 100 ms',
    ],
  ])('%s is judged', (_, threshold, met, text, shown) => {
    expect(judgeThresholds([threshold], summary)).toMatchObject([{ met, text, shown }]);
  });

  test.each([
    [
      'of too few requests',
      { scenario: 'rare', expect: must('p95', '< 1s') },
      '19 requests are too few to tell',
    ],
    ['of none', { stage: 'never', expect: must('throughput', '> 1/s') }, 'no request came to an end'],
    [
      'beside too few',
      { scenario: 'read', against: 'rare', expect: parseRelativeExpectation('p50 < 1x') },
      'rare: 19 requests are too few to tell',
    ],
    [
      'of a cache nobody tells of',
      { expect: must('cacheHitRate', '> 70%') },
      'no metrics of the target tell hits and misses',
    ],
  ])('%s is not judged', (_, threshold, why) => {
    expect(judgeThresholds([threshold], summary)).toMatchObject([{ met: null, why }]);
  });

  test('of cache hits is judged by the metrics', () => {
    const [judged] = judgeThresholds([{ expect: must('cacheHitRate', '> 70%') }], summary, 0.65);
    expect(judged).toMatchObject({ met: false, shown: '65%' });
  });

  test('is missed where nothing but refused connections came', () => {
    const refused = summaryOf({ total: figures({ errorRate: 1, failed: 100, p95: null }) });
    expect(judgeThresholds([{ expect: must('p95', '< 1s') }], refused)[0]!.met).toBe(false);
  });
});

describe('a comparison', () => {
  /** Windows of about 100 ms, each with noise of its own. */
  const noisy = (seed: number, factor = 1, noise = 0.2) =>
    summaryOf(
      { total: figures({ p50: 50, p95: 100 * factor, p99: 150 }) },
      (index) => 100 * factor * (1 + noise * (seededUnit(seed, index) - 0.5)),
    );
  const loaded = (id: string, summary = noisy(1), shape = 'same') => ({ id, shape, summary });

  test('finds a regression of more than a tenth, with its interval', () => {
    const compared = compareLoads(loaded('now', noisy(1, 1.25)), loaded('before', noisy(2)));
    expect(compared.regression).toBe(true);
    const p95 = compared.latencies.find(({ measure }) => measure === 'p95')!;
    expect(p95).toMatchObject({ verdict: 'worse', windows: 40 });
    expect(p95.ratio).toBeCloseTo(1.25);
    expect(p95.interval[0]).toBeGreaterThan(1.15);
    expect(p95.interval[1]).toBeLessThan(1.35);
  });

  test('finds none in less than a tenth, and what got better is better', () => {
    expect(compareLoads(loaded('now', noisy(1, 1.08)), loaded('before', noisy(2))).regression).toBe(false);
    const { latencies } = compareLoads(loaded('now', noisy(1, 0.7)), loaded('before', noisy(2)));
    expect(latencies.find(({ measure }) => measure === 'p95')!.verdict).toBe('better');
  });

  test('takes a difference that windows do not bear out for noise, and always says the same', () => {
    const wild = (seed: string, p95: number) =>
      summaryOf({ total: figures({ p95 }) }, (index) => 20 + 600 * seededUnit(seed, index) ** 3);
    const verdicts = Array.from({ length: 20 }, (_, draw) => {
      const now = loaded('now', wild(`now ${draw}`, 118));
      const { latencies } = compareLoads(now, loaded('before', wild(`before ${draw}`, 100)));
      return latencies.find(({ measure }) => measure === 'p95')!.verdict;
    });
    expect(verdicts.filter((verdict) => verdict === 'worse').length).toBeLessThanOrEqual(3);
    expect(new Set(verdicts)).toContain('noise');
    const again = () => compareLoads(loaded('now', noisy(3)), loaded('before', noisy(4)));
    expect(again()).toEqual(again());
  });

  test('lets what stages do cancel out', () => {
    const rising = (factor: number) =>
      summaryOf({ total: figures({ p95: 1000 * factor }) }, (index) => factor * (10 + index * 50));
    expect(compareLoads(loaded('now', rising(1.2)), loaded('before', rising(1))).regression).toBe(true);
  });

  test.each([
    ['another load', loaded('before', noisy(1), 'other'), /another load/],
    ['too few windows', loaded('before', summaryOf({ windows: [] })), /fewer than 10 windows/],
  ])('is not made with %s', (_, before, why) => {
    expect(compareLoads(loaded('now'), before)).toMatchObject({
      regression: false,
      latencies: [],
      notAssessed: expect.stringMatching(why),
    });
  });
});

describe('the breaking point', () => {
  const stages = [10, 20, 30, 40].map((users) => stage({ counts: 'users', name: `${users}` }, users));
  const point = (...all: Parameters<typeof figures>[0][]) =>
    breakingPoint(
      stages,
      summaryOf({ stages: Object.fromEntries(all.map((one, i) => [stages[i]!.name, figures(one)])) }),
    );

  test('lies before the first level at which too many fail', () => {
    expect(point({}, {}, { errorRate: 0.06 }, { errorRate: 0.5 })).toMatchObject({
      lastGood: { level: 20 },
      firstBad: { level: 30, why: 'more than 5% of the requests failed' },
    });
  });

  test('lies before the first that takes three times as long', () => {
    expect(point({}, { p95: 301 }, {}, {})).toMatchObject({
      lastGood: { level: 10 },
      firstBad: { level: 20 },
    });
  });

  test('is not reached where all are served, and not asked of a steady load', () => {
    expect(point({}, {}, {}, {})).toEqual({ lastGood: { stage: '40', level: 40 }, firstBad: null });
    expect(breakingPoint([stages[0]!], summaryOf())).toBeUndefined();
  });
});

describe('a result', () => {
  const spec = (thresholds = [{ expect: must('p95', '< 1s') }]) => ({
    target: 'http://user:secret@127.0.0.1:1/?key=hidden',
    connections: 10,
    rate: 10,
    requests: [],
    traffic: trafficOf({ thresholds }),
  });
  const judge = (rest: Partial<Parameters<typeof judgeLoad>[0]> = {}) =>
    judgeLoad({
      id: 'one',
      startedAt: '2026-11-21T09:30:00.000Z',
      spec: spec(),
      summary: loadSummary(),
      samples: [],
      ...rest,
    });

  test.each([
    ['held where all thresholds are met', {}, 'held', 0, '1 threshold met'],
    [
      'deviated where one is missed',
      { spec: spec([{ expect: must('p95', '< 10ms') }]) },
      'deviated',
      1,
      'missed: p95 < 10ms (100 ms)',
    ],
    [
      'inconclusive where one cannot be judged',
      { summary: loadSummary(summaryOf({ total: figures({ requests: 3 }) })) },
      'inconclusive',
      5,
      '1 threshold could not be judged: p95 < 1s, 3 requests are too few to tell',
    ],
    ['inconclusive where it was ended early', { ended: 'SIGINT' }, 'inconclusive', 5, 'ended early: SIGINT'],
    [
      'held where only metrics are missing that nobody gave',
      { spec: spec([{ expect: must('p95', '< 1s') }, { expect: must('cacheHitRate', '> 70%') }]) },
      'held',
      0,
      '1 threshold met',
    ],
  ] as const)('is %s', (_, rest, verdict, exit, sentence) => {
    expect(judge(rest)).toMatchObject({ verdict, exit, sentence });
  });

  test('is deviated by a regression alone, and by none of another load', () => {
    const slow = loadSummary(summaryOf({ total: figures({ p95: 150 }) }, () => 150));
    const earlier = judge();
    expect(judge({ summary: slow, earlier })).toMatchObject({
      verdict: 'deviated',
      exit: 1,
      sentence: 'p95 is 50% worse than in one',
    });
    expect(judge({ summary: slow, earlier: { ...earlier, shape: 'other' } })).toMatchObject({
      verdict: 'held',
    });
  });

  test('holds no credential of the target', () => {
    expect(JSON.stringify(judge())).not.toMatch(/secret|hidden/);
  });

  test('is a table of windows and one of figures, in which no name is a formula', () => {
    const summary = summaryOf({ scenarios: { '=HYPERLINK("x")': figures() } });
    const result = { summary: loadSummary({ ...summary, windows: summary.windows.slice(0, 2) }) };
    expect(windowsCsv(result)).toBe(
      'at_s,window_s,level,requests,failed,p50_ms,p95_ms,p99_ms,max_ms\n0,1,10,10,0,100,100,100,100\n1,1,10,10,0,100,100,100,100\n',
    );
    expect(figuresCsv(result).split('\n').slice(0, 3)).toEqual([
      'of,name,requests,failed,error_rate,throughput_per_s,p50_ms,p95_ms,p99_ms,max_ms',
      'total,all,100,0,0,10,50,100,150,200',
      `scenario,"'=HYPERLINK(""x"")",100,0,0,10,50,100,150,200`,
    ]);
  });
});
