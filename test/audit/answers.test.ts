import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/audit/contract.ts';
import { answerOfDeclarations } from '../../src/audit/declarations.ts';
import { answersOfRun } from '../../src/audit/experiment.ts';
import { answeredBy, toldByLoad } from '../../src/audit/load.ts';
import { loadSuite } from '../../src/audit/suite.ts';
import { PROFILES } from '../../src/load/profiles/index.ts';
import type { LoadResult } from '../../src/load/result/contract.ts';
import { summarise } from '../../src/report/index.ts';
import { experiment, withFiles } from '../support/experiment-files.ts';
import { outageJournal } from '../support/outage-journal.ts';

const SOURCE: Source = { kind: 'experiment', name: 'outage' };

describe('declarations', () => {
  const LIMITS = 'targets: { allow: ["*.example"] }\nenv: [DATABASE_URL]\n';

  function found(proxies: string, probe = 'http: { url: "http://127.0.0.1:3000/" }') {
    const steadyState = `steadyState:\n  probes:\n    - { name: page, ${probe} }`;
    const files = {
      'suite.yaml': 'name: shop\nexperiments: [{ file: it.yaml }]\n',
      'it.yaml': experiment({
        proxies: `proxies:\n  redis: ${proxies}`,
        steadyState,
      }),
      'safety-limits.yaml': LIMITS,
    };
    return withFiles(files, (cwd) => {
      const answer = answerOfDeclarations(loadSuite({ file: 'suite.yaml', cwd }), 'again');
      expect(answer.settles).toBe(false);
      return answer.flaws;
    });
  }
  const proxy = (upstream: string, more = '') =>
    `{ protocol: tcp, listen: "127.0.0.1:1", upstream: "${upstream}"${more} }`;
  const slugs = (...given: Parameters<typeof found>) => found(...given).map(({ slug }) => slug);

  test.each([
    ['a loopback upstream', proxy('127.0.0.1:2'), undefined, []],
    ['a public upstream in plain text', proxy('db.example:2'), undefined, ['plain proxy "redis"']],
    ['a public upstream over TLS', proxy('db.example:2', ', tls: { upstream: verify }'), undefined, []],
    ['a probe over HTTPS', proxy('127.0.0.1:2'), 'http: { url: "https://shop.example/" }', []],
    [
      'a probe over plain HTTP',
      proxy('127.0.0.1:2'),
      'http: { url: "http://shop.example/" }',
      ['plain probe "page" of it.yaml'],
    ],
    [
      'a key in a URL',
      proxy('127.0.0.1:2'),
      'http: { url: "http://127.0.0.1/?api_key=k1" }',
      ['key-in-url probe "page" of it.yaml'],
    ],
    [
      'a password in a file',
      proxy('127.0.0.1:2'),
      'postgres: { url: "postgres://app:hunter2@127.0.0.1/app" }',
      ['password probe "page" of it.yaml'],
    ],
    ['a password in a variable', proxy('127.0.0.1:2'), 'postgres: { url: "${DATABASE_URL}" }', []],
  ])('of %s', (_, given, probe, expected) => expect(slugs(given, probe)).toEqual(expected));

  test('are told by their places, without what is secret in them', () => {
    const flaws = found(
      proxy('127.0.0.1:2'),
      'postgres: { url: "postgres://app:hunter2@127.0.0.1/app?password=hunter3" }',
    );
    expect(flaws.map(({ severity, claim }) => `${severity}: ${claim}`)).toEqual([
      'critical: Probe "page" of it.yaml carries a key in its URL.',
      'high: The password of probe "page" of it.yaml stands in a file.',
    ]);
    expect(JSON.stringify(flaws)).not.toContain('hunter');
  });
});

describe('a load', () => {
  const threshold = (text: string, shown: string, met: boolean | null) => ({
    text,
    shown,
    met,
    measured: null,
  });

  /** Of its result, what the audit reads. */
  function told(rest: Partial<LoadResult>) {
    const resources = { assessed: [], bottleneck: null, cacheHitRate: null };
    const quiet = { profile: 'spike', breakingPoint: null, resources, verdict: 'held', sentence: '' };
    return toldByLoad({ ...quiet, ...rest } as LoadResult);
  }

  test('of every profile answers a check', () => {
    const answered = PROFILES.map(({ name }) => [name, answeredBy(name)]);
    expect(Object.fromEntries(answered)).toMatchObject({
      'peak-hours': 'performance-under-load',
      spike: 'scalability-limits',
      soak: 'memory-leaks',
    });
    expect(answeredBy('own')).toBe('performance-under-load');
  });

  test('shows what its thresholds were met by', () => {
    const thresholds = [
      threshold('errorRate < 5%', '1.2%', true),
      { ...threshold('cacheHitRate > 70%', '–', null), unasked: true },
    ];
    expect(told({ thresholds })).toEqual({ shown: ['met errorRate < 5% (1.2%)'], flaws: [], untold: [] });
  });

  test('is one high finding with what it missed, and the remedy of its bottleneck', () => {
    const thresholds = [threshold('p95 < 5s', '7.2 s', false), threshold('errorRate < 5%', '1%', true)];
    const suggestion = {
      what: 'the pool',
      from: '20',
      to: '80',
      gain: 'no more waiting',
      priority: 'high',
      effort: 'low',
    } as const;
    const worst = {
      resource: 'database connections',
      state: 'bottleneck',
      evidence: '20 of 20 were in use',
      pressure: 1,
      suggestion,
    } as const;
    const resources = { assessed: [worst], bottleneck: worst.resource, cacheHitRate: null };
    expect(told({ thresholds, resources, verdict: 'deviated' }).flaws).toEqual([
      {
        slug: 'missed',
        severity: 'high',
        claim: 'Under the load "spike" it misses p95 < 5s (7.2 s).',
        evidence: ['p95 < 5s (7.2 s)', 'database connections: 20 of 20 were in use'],
        remedy: 'the pool: from 20 to 80; no more waiting.',
      },
    ]);
  });

  test('leaves its check open where it could not be judged', () => {
    const thresholds = [threshold('p95 < 5s', '–', null)];
    const sentence = '1 threshold could not be judged: p95 < 5s, too few requests';
    expect(told({ thresholds, verdict: 'inconclusive', sentence }).untold).toEqual([sentence]);
    expect(told({ thresholds: [] }).untold).toEqual(['it has no threshold that could be judged']);
  });
});

describe('a run', () => {
  const summary = summarise(outageJournal());

  test('answers by its verdict what the suite says', () => {
    const answers = answersOfRun(summary, ['disaster-recovery'], SOURCE, 'again');
    const [byVerdict] = answers;
    expect(byVerdict).toMatchObject({ check: 'disaster-recovery', settles: true, shown: [] });
    expect(byVerdict!.flaws).toMatchObject([{ slug: 'aborted', severity: 'high' }]);
  });

  test('makes each lesson that is no good news a finding, with its evidence', () => {
    const answers = answersOfRun(summary, [], SOURCE, 'again');
    const bad = summary.lessons.filter(({ severity }) => severity !== 'good');
    const flaws = answers.flatMap((answer) => answer.flaws);
    expect(bad.length).toBeGreaterThan(0);
    expect(flaws.map(({ slug }) => slug).sort()).toEqual(bad.map(({ id }) => id).sort());
    for (const flaw of flaws)
      expect(flaw).toMatchObject({ evidence: bad.find(({ id }) => id === flaw.slug)!.evidence });
  });

  test('assesses by lessons only what a detector that settles it could tell', () => {
    const { lessons, notFound, notAssessed } = summary;
    const asked = {
      ...summary,
      lessons: [],
      notFound: [{ id: 'no-breaker', question: 'Do they?' }],
      notAssessed: [],
    };
    const answer = (given: typeof summary) =>
      answersOfRun(given, [], SOURCE, 'again').find(({ check }) => check === 'circuit-breakers');
    expect(answer(asked)).toMatchObject({
      settles: true,
      shown: ['asked, and nothing found: Do they?'],
      untold: [],
    });
    const silent = {
      ...asked,
      notFound: [],
      notAssessed: [{ id: 'no-breaker', question: 'Do they?', why: 'no traffic' }],
    };
    expect(answer(silent)).toMatchObject({ settles: false, untold: ['Do they? Not told: no traffic'] });
    expect(answer({ ...silent, notAssessed: [] })).toBeUndefined();
    const praise = { ...asked, notFound: [{ id: 'breaker-opened', question: 'How soon?' }] };
    expect(answer(praise)).toBeUndefined();
    expect(lessons.length + notFound.length + notAssessed.length).toBeGreaterThan(8);
  });

  test.each(['inconclusive', 'refused', 'unfinished'] as const)('that was %s settles nothing', (outcome) => {
    const given = { ...summary, verdict: { ...summary.verdict, outcome, sentence: 'no traffic was met' } };
    const answers = answersOfRun(given, ['failure-modes'], SOURCE, 'again');
    expect(answers[0]).toMatchObject({ check: 'failure-modes', untold: ['no traffic was met'], flaws: [] });
    expect(answers.slice(1).filter(({ settles }) => settles)).toEqual([]);
  });
});
