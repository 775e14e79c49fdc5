import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { parseExpectation } from '../../src/core/expectation.ts';
import type { JournalBody } from '../../src/core/journal.ts';
import type { ClientBehaviour } from '../../src/core/observation.ts';
import type { LoadSpec, PlannedFault, PlannedStep, SearchTry } from '../../src/core/plan.ts';
import { renderHtml, renderMarkdown, summarise } from '../../src/report/index.ts';
import { pastRun } from '../../src/report/summarise.ts';
import { httpProbe, JournalBuilder, plan, planned, step } from '../support/journal-builder.ts';
import { outageJournal } from '../support/outage-journal.ts';
import { faulted, shortJournal } from '../support/short-journal.ts';

const READ = httpProbe('read', 'http://127.0.0.1:1/', { expect: { errorRate: '< 5%', p95: '< 300ms' } });
const OUTAGE = summarise(outageJournal());
const OWNER = { pid: 1, startTime: '', bootId: '' };

function slow(id: string, latency: PlannedFault['attributes'][string]): PlannedFault {
  return { ...planned(id, 'redis', 'latency', 'delay each chunk'), attributes: { latency } };
}

/** Steps of ten seconds each from the fifth second on; the probe leaves its baseline at `leftAt`. */
function steps(all: readonly PlannedStep[], leftAt?: number) {
  const journal = new JournalBuilder().add(0, {
    type: 'run-started',
    run: 'r',
    plan: plan({ probes: [READ], steps: all }),
    version: '1',
    owner: OWNER,
  });
  for (const [index, one] of all.entries()) {
    const at = 5000 + index * 10_000;
    journal
      .add(at - 10, {
        type: 'step-intended',
        step: index,
        name: one.name,
        epoch: index + 1,
        faults: one.faults.map(({ id, proxy, type }) => ({ id, proxy, type })),
      })
      .add(at, { type: 'step-applied', step: index, epoch: index + 1 })
      .add(at + 9_980, { type: 'step-ended', step: index, counts: [], injectedMet: true });
  }
  if (leftAt !== undefined)
    journal.add(leftAt, {
      type: 'left-baseline',
      probe: 'read',
      expectation: 'p95 < 300ms',
      value: 400,
      baseline: 20,
    });
  const end = 5000 + all.length * 10_000;
  return journal
    .add(end, { type: 'rollback-started', cause: 'finished', reason: 'all steps were played' })
    .add(end + 5, { type: 'rollback-emptied', tookMs: 5 })
    .build();
}

describe('the breaking point', () => {
  test('lies between the last step that held and the first that did not', () => {
    const [point] = summarise(
      steps(
        [step('a', 10_000, slow('1.1', 100)), step('b', 10_000, planned('2.1', 'redis', 'down', ''))],
        17_000,
      ),
    ).breaking;
    expect(point).toMatchObject({
      by: 'steps',
      lastGood: { step: 1, name: 'a', value: null },
      firstBad: { step: 2, name: 'b', value: null },
      sentence: 'It held in step 1 "a" and broke in step 2 "b": read missed p95 < 300ms',
    });
  });

  test('has the values where two steps differ in one attribute', () => {
    const [point] = summarise(
      steps([step('a', 10_000, slow('1.1', 100)), step('b', 10_000, slow('2.1', 1500))], 17_000),
    ).breaking;
    expect([point!.lastGood!.value, point!.firstBad!.value]).toEqual(['latency 100 ms', 'latency 1.5 s']);
  });

  test('has what a ramp had come to', () => {
    const [point] = summarise(
      steps([step('a', 10_000, slow('1.1', { from: 0, to: 1000 }))], 10_000),
    ).breaking;
    expect(point).toMatchObject({ lastGood: null, firstBad: { value: 'latency about 500 ms' } });
  });

  test('is not there where every step held', () => {
    const [point] = summarise(steps([step('a', 10_000, slow('1.1', 100))])).breaking;
    expect(point).toMatchObject({ firstBad: null, sentence: 'Nothing broke it: the one step held' });
  });
});

const SEARCH: SearchTry = {
  name: 'how slow',
  attribute: 'latency',
  unit: 'ms',
  from: 100,
  to: 5000,
  within: 0.1,
  number: 1,
  of: 8,
};

/** A search with these tries, each of five seconds; what is bad leaves its baseline. */
function searched(tries: readonly (readonly [value: number, good: boolean | 'breach'])[], answered = true) {
  const all = Array.from({ length: 8 }, (_, index) => ({
    ...step(`how slow, try ${index + 1}`, 5000, slow(`1.1.${index + 1}`, { from: 100, to: 5000 })),
    search: { ...SEARCH, number: index + 1 },
  }));
  const journal = new JournalBuilder().add(0, {
    type: 'run-started',
    run: 'r',
    plan: plan({ probes: [READ], steps: all }),
    version: '1',
    owner: OWNER,
  });
  let at = 5000;
  for (const [index, [value, good]] of tries.entries()) {
    const faults = [
      { id: `1.1.${index + 1}`, proxy: 'redis', type: 'latency', attributes: { latency: value } },
    ];
    journal
      .add(at - 10, { type: 'step-intended', step: index, name: all[index]!.name, epoch: index + 1, faults })
      .add(at, { type: 'step-applied', step: index, epoch: index + 1 });
    if (good !== true)
      journal.add(at + 2000, {
        type: 'left-baseline',
        probe: 'read',
        expectation: 'p95 < 300ms',
        value: 400,
        baseline: 20,
      });
    const found = { step: index, search: 'how slow', attribute: 'latency', value, good: good === true };
    if (good === 'breach')
      journal.add(at + 2500, {
        type: 'bound-breached',
        limit: 'extraRequests',
        value: 2,
        bound: 1,
        text: 'too many requests',
      });
    else
      journal.add(at + 4000, {
        type: 'search-try',
        ...found,
        ...(good ? {} : { missed: 'read: p95 < 300ms' }),
      });
    const counts = [{ ...faults[0]!, matched: 10, injected: 10, skipped: {} }];
    journal.add(at + 4010, { type: 'step-ended', step: index, counts, injectedMet: true });
    at += 10_000;
  }
  if (answered)
    journal.add(at - 5500, {
      type: 'search-ended',
      search: 'how slow',
      attribute: 'latency',
      lastGood: 707,
      firstBad: 1880,
    });
  journal
    .add(at, { type: 'rollback-started', cause: 'finished', reason: 'all steps were played' })
    .add(at + 5, { type: 'rollback-emptied', tookMs: 5 });
  for (let begin = 0; begin < at; begin += 250)
    journal.sample(begin, { probe: 'read', ms: 20, ok: true, status: 200 });
  return journal
    .add(at + 100, { type: 'run-ended', verdict: 'held', exit: 0, sentence: 'held: fine' })
    .build();
}

describe('a search in the report', () => {
  const summary = summarise(
    searched([
      [100, true],
      [707, true],
      [1880, false],
    ]),
  );

  test('ends with the last value that held and the first that did not, and shows every try', () => {
    expect(summary.breaking).toEqual([
      {
        by: 'search',
        sentence:
          'It held at latency 707 ms and no more at latency 1.88 s (searched from 100 ms to 5 s in 3 tries; it is taken for granted that harsher values break too)',
        lastGood: { step: 2, name: 'how slow, try 2', value: 'latency 707 ms' },
        firstBad: { step: 3, name: 'how slow, try 3', value: 'latency 1.88 s' },
        tries: [
          { step: 1, value: '100 ms', outcome: 'held', missed: null },
          { step: 2, value: '707 ms', outcome: 'held', missed: null },
          { step: 3, value: '1.88 s', outcome: 'missed', missed: 'read: p95 < 300ms' },
        ],
      },
    ]);
  });

  test('does not speak against the hypothesis, and leaves no step unplayed', () => {
    expect(summary.hypothesis.expectations.map(({ outcome }) => outcome)).toEqual(['held', 'held']);
    expect(summary.steps.map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
    expect(summary.steps[1]!.faults).toEqual(['redis: delay each chunk by 707 ms']);
    expect(summary.injection[2]!.sentence).toBe('delay each chunk by 1.88 s');
  });

  test('is in timeline and pages', () => {
    expect(summary.timeline.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'The system held at latency 707 ms',
        'The system did not hold at latency 1.88 s: read: p95 < 300ms',
      ]),
    );
    for (const page of [renderHtml(summary), renderMarkdown(summary)]) {
      expect(page).toContain('Tries of the search');
      expect(page).toContain('1.88 s');
    }
  });

  test('has what it found when a safety limit ended it', () => {
    const [point] = summarise(
      searched(
        [
          [100, true],
          [707, 'breach'],
        ],
        false,
      ),
    ).breaking;
    expect(point!.tries[1]).toMatchObject({ outcome: 'stopped by safety', missed: 'too many requests' });
    expect(point!.sentence).toMatch(/^It held at latency 100 ms and no more at latency 707 ms .*cut short/);
  });
});

describe('the impact', () => {
  const failing = (since: number) => ({ ok: !(faulted(since) && Math.floor(since / 250) % 4 === 0) });
  const summary = summarise(shortJournal({ probes: [READ], sample: (_, since) => failing(since) }));

  test('counts what probes saw, and calls what it works out from that estimated', () => {
    expect(summary.availability.overall).toBeCloseTo(0.75, 1);
    expect(summary.availability.probes[0]).toMatchObject({ before: 1, after: 1 });
    const [measured, estimated] = summary.impact!.rows;
    expect(measured).toMatchObject({ who: 'users as read sees them', basis: 'measured' });
    expect(measured!.figure).toMatch(/^\d+ of 120 samples failed \(25%\)$|^\d+ of 1[12]\d samples failed/);
    expect(estimated).toMatchObject({ who: 'users', basis: 'estimated' });
    expect(estimated!.how).toContain('how many users there are is not known');
  });

  test('takes a connection of the load for a user', () => {
    const { impact } = OUTAGE;
    // 271 failed, and 1,241 that were due were never sent, since those before them had no answer.
    expect(impact!.requestsLost).toMatchObject({ lost: 1512, of: 4362 });
    expect(impact!.rows.find(({ who }) => who === 'users')).toMatchObject({
      figure: 'about 20 of 20 met a failure',
      basis: 'estimated',
    });
  });

  test('counts errors at a proxy that no fault made, beyond what is usual', () => {
    const journal = steps([step('dark', 10_000, planned('1.1', 'openai', 'ai_error', 'answer 500'))]);
    const observed = new JournalBuilder();
    for (let second = 0; second < 15; second++) {
      const since = second < 5 ? second : second - 5;
      const organic = second < 5 ? second : since * 7;
      const status = {
        '200': { organic: since * 10, injected: 0 },
        '500': { organic, injected: since * 50 },
      };
      const epoch = second < 5 ? 0 : 1;
      observed.observation(second * 1000 + 20, epoch, { redis: { units: since * 60, status } });
    }
    const { impact } = summarise([...journal, ...observed.build()].sort((a, b) => a.mono - b.mono));
    const row = impact!.rows.find(({ who }) => who === 'requests to redis')!;
    expect(row.basis).toBe('estimated');
    expect(Number(/^\d+/.exec(row.figure)![0])).toBeGreaterThan(45);
    expect(Number(/^\d+/.exec(row.figure)![0])).toBeLessThan(65);
  });

  test('spends an error budget where an objective was declared', () => {
    const rule = {
      probe: 'read',
      measure: 'errorRate',
      operator: '>',
      bound: 0.006,
      relative: false,
      forMs: 10_000,
      text: 'slo 99.9%',
      source: 'experiment',
      slo: 0.999,
    } as const;
    const journal = shortJournal({
      probes: [READ],
      sample: (_, since) => failing(since),
      plan: { abortWhen: [rule] },
    });
    const [budget] = summarise(journal).impact!.budgets;
    expect(budget).toMatchObject({ probe: 'read', slo: 0.999, budgetMinutes: 43.2 });
    // A quarter of thirty seconds.
    expect(budget!.spentMinutes).toBeCloseTo(0.125, 1);
    expect(renderHtml(summarise(journal))).toContain('43.2 min');
  });

  test('is not told of a run that injected nothing', () => {
    const refused = outageJournal().filter(({ type }) => type === 'run-started' || type === 'sample');
    expect(summarise(refused).impact).toBeNull();
  });
});

describe('action items', () => {
  test('are the lessons, each with evidence and the command that tests it again', () => {
    const { actions, lessons } = OUTAGE;
    expect(actions).toHaveLength(lessons.filter(({ severity }) => severity !== 'good').length);
    for (const { retest, evidence } of actions) {
      expect(retest).toBe('faultline run experiments/openai-outage-cascade.yaml');
      expect(evidence).not.toBe('');
    }
  });

  test('begin with a rollback that is not proven', () => {
    const torn = outageJournal().filter(({ type }) => type !== 'rollback-proof');
    expect(summarise(torn).actions[0]).toMatchObject({ severity: 'critical', retest: 'faultline recover' });
  });

  test('quote a path that a shell would take apart', () => {
    const source = { file: "my tests/it's.yaml", hash: '', text: '' };
    const journal = outageJournal().map((event) =>
      event.type === 'run-started' ? { ...event, plan: { ...event.plan, source } } : event,
    );
    expect(summarise(journal).actions[0]!.retest).toBe("faultline run 'my tests/it'\\''s.yaml'");
  });

  test('have blanks for owners and days in Markdown, beside those for own words', () => {
    const page = renderMarkdown(OUTAGE);
    expect(page).toContain('- What surprised us: \\_\\_\\_\\_');
    expect(page).toContain('| Action item | Owner | Due | Done |');
  });
});

describe('the trend', () => {
  const now = OUTAGE;
  const ranOn = (day: string, more = {}) => ({
    ...pastRun(now),
    run: `run-${day}`,
    startedAt: `2026-11-${day}T09:00:00.000Z`,
    ...more,
  });

  test('puts this run behind the earlier ones, and says what changed since the last', () => {
    const { trend } = summarise(outageJournal(), [
      ranOn('20', { outcome: 'held', recoverMs: 2000, hash: 'other' }),
      ranOn('10'),
    ]);
    expect(trend!.runs.map(({ run }) => run)).toEqual(['run-10', 'run-20', now.run.id]);
    expect(trend!.sentence).toBe(
      '2 earlier runs; since the last one: held then, aborted now; recovery 2 s then, 12.3 s now; the experiment file was changed',
    );
    expect(trend!.runs.map(({ sameFile }) => sameFile)).toEqual([true, false, true]);
  });

  test('knows no later run, and not itself', () => {
    expect(summarise(outageJournal(), [ranOn('25'), pastRun(now)]).trend).toBeNull();
  });
});

describe('clients', () => {
  /** Fifty times of so many ms, as an observation has them. */
  const encoded = (ms: number) => {
    const histogram = build({ useWebAssembly: false });
    histogram.recordValueWithCount(ms * 1000, 50);
    return encodeIntoCompressedBase64(histogram);
  };

  test('are told by proxy and step, where the journal shows them', () => {
    const seen: ClientBehaviour = {
      failed: 100,
      followed: 80,
      backoff: [encoded(100), encoded(100), ''],
      longestChain: 7,
      retryAfter: { told: 10, kept: 1, early: 9 },
      abandoned: { count: 3, age: encoded(2000) },
      truncated: { count: 0, followed: 0 },
      open: 0,
      oldestMs: 0,
      duplicates: 1,
    };
    const journal = steps([step('dark', 10_000, planned('1.1', 'openai', 'ai_error', 'answer 500'))]);
    const observed = new JournalBuilder();
    for (let second = 4; second < 15; second++)
      observed.observation(second * 1000 + 20, second < 5 ? 0 : 1, {
        openai: { units: second * 10, clients: seen },
      });
    const summary = summarise([...journal, ...observed.build()].sort((a, b) => a.mono - b.mono));
    expect(summary.clients).toMatchObject([
      {
        proxy: 'openai',
        stepName: 'dark',
        failed: 100,
        retriesPerFailure: 0.8,
        longestChain: 7,
        abandoned: 3,
      },
    ]);
    expect(summary.clients[0]!.backoffMs[0]).toBeCloseTo(100, -1);
    expect(summary.clients[0]!.backoffMs[2]).toBeNull();
    const page = renderMarkdown(summary);
    expect(page).toContain('## What clients did about failures');
    expect(page).toMatch(/\| openai \| 1\\?\. dark \| 100 of \d+ \| 80% \| 7 \|/);
  });

  test('are left out where it does not', () => {
    expect(OUTAGE.clients).toEqual([]);
    expect(renderHtml(OUTAGE)).not.toContain('What clients did');
  });
});

describe('the loads', () => {
  const figures = (requests: number, p95: number) => ({
    ...{ requests, failed: 1, errorRate: 1 / requests, throughput: 5 },
    ...{ p50: 20, p95, p99: p95, max: p95 },
  });
  const load: LoadSpec = {
    target: 'http://127.0.0.1:1',
    connections: 340,
    rate: 100,
    requests: [],
    traffic: {
      profile: 'own',
      stages: [
        { name: 'rush', durationMs: 4000, counts: 'users', level: { from: 12, to: 340 } },
        { name: 'everybody', durationMs: 6000, counts: 'users', level: { from: 340, to: 340 } },
      ],
      thinkMs: { from: 1000, to: 1000 },
      scenarios: [],
      thresholds: [{ stage: 'everybody', expect: parseExpectation('p95', '< 1s') }],
      timeScale: 1,
      timeoutMs: 1000,
      seed: 1,
    },
  };
  const seen: JournalBody = {
    ...{ type: 'load', step: 0, requests: 140, errors: 2, timeouts: 0, non2xx: 0, p50: 20, p99: 1200 },
    traffic: {
      profile: 'own',
      durationMs: 10_000,
      total: figures(140, 1200),
      scenarios: {},
      stages: { rush: figures(40, 300), everybody: figures(100, 1200) },
      wrong: 0,
      underWay: { requests: 3, oldestMs: 800 },
      windowMs: 5000,
      windows: [
        { at: 0, level: 12, requests: 40, failed: 1, p50: 20, p95: 300, p99: 300, max: 300 },
        { at: 5000, level: 340, requests: 100, failed: 1, p50: 20, p95: 1200, p99: 1200, max: 1200 },
      ],
    },
  };
  const summary = summarise(
    new JournalBuilder()
      .add(0, {
        type: 'run-started',
        run: 'r',
        plan: plan({ probes: [READ], steps: [{ ...step('morning', 10_000), load }] }),
        version: '1',
        owner: OWNER,
      })
      .add(1000, { type: 'step-applied', step: 0, epoch: 1 })
      .add(11_000, seen)
      .build(),
  );

  test('are told with what is still due, by stage and by threshold, also where they are those of a step', () => {
    const markdown = renderMarkdown(summary);
    expect(markdown).toContain(
      '| step 1, morning | 140 | 5/s | 0.71% | 20 ms | 1.2 s | 1.2 s | 3, the oldest for 800 ms |',
    );
    expect(markdown).toContain('| step 1, morning | everybody | 100 |');
    expect(markdown).toMatch(/stage everybody: p95 \S+ 1s \| 1\.2 s \| \*\*missed\*\* \|/);
    expect(summary.loads[0]?.seen?.traffic?.stages).toHaveProperty('rush');
  });

  test('are drawn, and a missed threshold misses the hypothesis', () => {
    expect(renderHtml(summary)).toContain('Level of the load, right answers, latency and failures over time');
    expect(summary.loads[0]?.thresholds).toMatchObject([{ met: false, shown: '1.2 s' }]);
  });
});
