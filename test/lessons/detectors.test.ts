import { describe, expect, test } from 'vitest';
import type { AbortRule } from '../../src/core/limits.ts';
import type { Detector } from '../../src/lessons/index.ts';
import { LESSONS, learn } from '../../src/lessons/index.ts';
import { viewOf } from '../../src/lessons/view/view.ts';
import { httpProbe, postgresProbe } from '../support/journal-builder.ts';
import { ask, callsFail, detector, failing, lesson } from '../support/lessons.ts';
import { outageJournal } from '../support/outage-journal.ts';
import { faulted, type ShortRun, shortRun } from '../support/short-journal.ts';

const READ = httpProbe('read', 'http://127.0.0.1:3000/items/1', { expect: { errorRate: '< 1%' } });
const WRITE = httpProbe('write', 'http://127.0.0.1:3000/items', { expect: { errorRate: '< 1%' } });
const HEALTH = httpProbe('up', 'http://127.0.0.1:3000/healthz?deep=1', { expect: { status: 200 } });
const QUEUE = postgresProbe('queued', 'select 1', { expect: { value: '< 50' } });
const LOST = postgresProbe('lost', 'select 1', { expect: { value: '== 0' } });

describe('a cascade', () => {
  test('is told when two probes left their baseline, in their order', () => {
    const told = lesson('cascade', {
      probes: [READ, WRITE],
      sample: failing(['read', 'write']),
      left: [
        [4000, 'write', 'errorRate < 1%'],
        [9000, 'read', 'errorRate < 1%'],
      ],
    });
    expect(told.severity).toBe('critical');
    expect(told.claim).toContain('Faults on openai alone pushed 2 of 2 probes');
    expect(told.claim).toContain('read was the last to go, 9 s after the first fault');
    expect(told.evidence[0]).toMatch(/^write left its baseline 4 s/);
  });

  test('is told of a dependency without a fault whose traffic fell to less than half', () => {
    const told = lesson('cascade', {
      probes: [READ],
      sample: failing(['read'], 0.5),
      units: (proxy, since) => (proxy === 'postgres' && since > 10_000 && faulted(since) ? 2 : 40),
    });
    expect(told.evidence.join()).toContain(
      'postgres had no fault, and yet its traffic suffered: 40/s fell to 2/s',
    );
  });

  test('is not told when only a probe of the faulted dependency itself left', () => {
    const direct = httpProbe('provider', 'http://localhost:4010/v1/models', { expect: { status: 200 } });
    expect(
      ask('cascade', { probes: [direct, READ], left: [[1000, 'provider', 'status == 200']] }),
    ).toBeUndefined();
  });

  test('cannot be told of a run without a fault', () => {
    const view = viewOf(outageJournal().filter((event) => event.n < 20));
    expect(detector('cascade').detect(view)).toHaveProperty('notAssessed');
  });
});

describe('recovery', () => {
  test('is good when it came in time', () => {
    const told = lesson('recovery', {
      probes: [READ],
      recovery: 'in time',
      left: [[1000, 'read', 'errorRate < 1%']],
    });
    expect(told).toMatchObject({ severity: 'good' });
    expect(told.claim).toContain('4 s after the rollback, without help (1 min allowed)');
  });

  test('is high when it came too late, critical when it never came', () => {
    expect(lesson('recovery', { probes: [READ], recovery: 'late' }).severity).toBe('high');
    const never = lesson('recovery', { probes: [READ], recovery: 'never' });
    expect(never.severity).toBe('critical');
    expect(never.evidence.join()).toContain('read still missed errorRate < 1%: 50%');
  });

  test('is not assessed where it was not measured, and no lesson where nothing had left', () => {
    expect(ask('recovery', { probes: [READ], recovery: 'not measured' })).toHaveProperty('notAssessed');
    expect(ask('recovery', { probes: [READ], recovery: 'in time' })).toBeUndefined();
  });
});

describe('a retry storm', () => {
  test.each([
    [15, undefined],
    [20, 'medium'],
    [40, 'high'],
  ] as const)('at 10 calls a second before and %i during the fault is %s', (during, severity) => {
    const found = ask('retry-storm', {
      units: (proxy, since) => (proxy === 'openai' && faulted(since) ? during : 10),
      seen: callsFail(),
    });
    expect(found && 'severity' in found ? found.severity : found).toBe(severity);
  });

  test('is not assessed without traffic before the fault', () => {
    const units = (_: string, since: number) => (since < 0 ? 0 : 30);
    expect(ask('retry-storm', { units, seen: callsFail() })).toHaveProperty('notAssessed');
  });

  test('is not one where nothing fails, as where a cache has nothing', () => {
    const units = (_: string, since: number) => (faulted(since) ? 40 : 10);
    expect(ask('retry-storm', { units })).toHaveProperty('notAssessed');
  });
});

describe('a missing fallback', () => {
  test('is told when a probe failed while only an AI provider did', () => {
    const told = lesson('no-fallback', {
      probes: [READ, WRITE],
      sample: failing(['write']),
      seen: callsFail(),
    });
    expect(told.severity).toBe('critical');
    expect(told.claim).toBe('There is no fallback for openai: write failed while it alone was failing.');
    expect(told.evidence[0]).toContain('mostly: status 503');
  });

  test('is not told of a few failures, nor of a probe that failed before', () => {
    const seen = callsFail();
    expect(ask('no-fallback', { probes: [READ], sample: failing(['read'], 0.1), seen })).toBeUndefined();
    expect(
      ask('no-fallback', {
        probes: [READ, WRITE],
        sample: ({ name }) => (name === 'read' ? { ok: false } : {}),
        seen,
      }),
    ).toBeUndefined();
  });

  test('cannot be told when a database had the fault', () => {
    expect(ask('no-fallback', { probes: [READ], faultOn: 'postgres' })).toHaveProperty('notAssessed');
  });
});

describe('a silent health endpoint', () => {
  test('is told when it answers well while a probe fails', () => {
    const told = lesson('silent-health', { probes: [HEALTH, READ], sample: failing(['read']) });
    expect(told.claim).toBe('up went on reporting a healthy system while read failed.');
  });

  test('is not told when the endpoint noticed', () => {
    expect(ask('silent-health', { probes: [HEALTH, READ], sample: failing(['read', 'up']) })).toBeUndefined();
  });

  test('is not assessed where no probe asks one, or nothing failed', () => {
    expect(ask('silent-health', { probes: [READ], sample: failing(['read']) })).toHaveProperty('notAssessed');
    expect(ask('silent-health', { probes: [HEALTH, READ] })).toHaveProperty('notAssessed');
  });
});

describe('growth without a bound', () => {
  const length = (at: (since: number) => number): ShortRun => ({
    probes: [QUEUE],
    sample: (_, since) => ({ value: faulted(since) ? at(since) : 3 }),
  });

  test('is told when a value climbs until the faults are taken back', () => {
    const told = lesson(
      'unbounded-growth',
      length((since) => 3 + Math.round(since / 100)),
    );
    expect(told.evidence[0]).toMatch(/^queued: from 4 to 302 in 29\.\d s \(10\/s\)/);
  });

  test.each([
    ['stays level', () => 3],
    ['climbs to a bound and stays there', (since: number) => Math.min(100, 3 + since / 50)],
    ['levels out shortly before the end', (since: number) => 3 + Math.min(since, 25_500) / 50],
    ['rises and falls', (since: number) => 3 + 200 * Math.sin((since / 30_000) * Math.PI)],
    ['wobbles', (since: number) => 3 + ((since / 250) % 2) * 60],
  ])('is not told of a value that %s', (_, at) => {
    expect(ask('unbounded-growth', length(at))).toBeUndefined();
  });

  test('is not told of less than is expected', () => {
    const probes = [postgresProbe('queued', 'select 1', { expect: { value: '< 400' } })];
    const sample: ShortRun['sample'] = (_, since) => ({ value: faulted(since) ? 3 + since / 100 : 3 });
    expect(ask('unbounded-growth', { probes, sample })).toBeUndefined();
  });

  test('is not told of an age, a counter, or what should be high', () => {
    const climbing = (at: (since: number) => number, expect: string) => ({
      probes: [postgresProbe('figure', 'select 1', { expect: { value: expect } })],
      sample: (_: unknown, since: number) => ({ value: at(since) }),
    });
    const age = (since: number) => (faulted(since) ? since / 1000 : 0);
    expect(ask('unbounded-growth', climbing(age, '< 4'))).toBeUndefined();
    expect(
      ask(
        'unbounded-growth',
        climbing((since) => 60 + since / 500, '< 80'),
      ),
    ).toBeUndefined();
    const done = (since: number) => (faulted(since) ? since / 10 : 0);
    expect(ask('unbounded-growth', climbing(done, '>= 0'))).toHaveProperty('notAssessed');
  });

  test('is not assessed where no probe gives a value', () => {
    expect(ask('unbounded-growth', { probes: [READ] })).toHaveProperty('notAssessed');
  });
});

describe('data', () => {
  const lost = (at: (since: number) => number): ShortRun => ({
    probes: [LOST],
    sample: (_, since) => ({ value: at(since) }),
  });

  test('that stays lost is critical', () => {
    const told = lesson(
      'data-lost',
      lost((since) => (since > 8000 ? 2 : 0)),
    );
    expect(told).toMatchObject({ severity: 'critical' });
    expect(told.evidence[0]).toContain('was 2 8.1 s after the first fault and 2 at the end of the run');
  });

  test('that comes back is high', () => {
    expect(
      lesson(
        'data-lost',
        lost((since) => (faulted(since - 5000) ? 1 : 0)),
      ).severity,
    ).toBe('high');
  });

  test('that was never missing is good', () => {
    expect(
      lesson(
        'data-lost',
        lost(() => 0),
      ).severity,
    ).toBe('good');
  });

  test('is not judged by an invariant that was broken before the first fault, nor where there is none', () => {
    expect(
      ask(
        'data-lost',
        lost(() => 4),
      ),
    ).toHaveProperty('notAssessed');
    expect(ask('data-lost', { probes: [QUEUE], sample: () => ({ value: 3 }) })).toHaveProperty('notAssessed');
  });
});

describe('hanging calls', () => {
  test('are told when failures wait out the time-out', () => {
    const told = lesson('hanging-calls', { probes: [READ], sample: failing(['read'], 1, 2001) });
    expect(told.evidence[0]).toContain("waited out the probe's whole time-out of 2 s (usual answer: 10 ms)");
  });

  test('are not told when failures come at once', () => {
    expect(ask('hanging-calls', { probes: [READ], sample: failing(['read'], 1, 5) })).toBeUndefined();
  });
});

describe('a limit', () => {
  const rule: AbortRule = {
    probe: '*',
    measure: 'errorRate',
    operator: '>',
    bound: 0.5,
    relative: false,
    forMs: 0,
    text: 'errorRate > 50%',
    source: 'safety-limits',
  };

  test('that was nearly reached is told', () => {
    const told = lesson('near-limit', {
      probes: [READ, WRITE],
      sample: failing(['read'], 0.5),
      plan: { abortWhen: [{ ...rule, bound: 0.55, text: 'errorRate > 55%' }] },
    });
    expect(told.severity).toBe('medium');
    expect(told.evidence).toHaveLength(1);
  });

  test('that was far away is not', () => {
    expect(
      ask('near-limit', { probes: [READ], sample: failing(['read'], 0.1), plan: { abortWhen: [rule] } }),
    ).toBeUndefined();
  });

  test('is not assessed where there is none', () => {
    expect(ask('near-limit', { probes: [READ] })).toHaveProperty('notAssessed');
  });
});

describe('what stayed well', () => {
  test('is told, with its samples', () => {
    const told = lesson('contained', {
      probes: [READ, WRITE],
      left: [[1000, 'write', 'errorRate < 1%']],
    });
    expect(told.claim).toBe('read never left its baseline.');
  });

  test('is told of all probes when none left', () => {
    expect(lesson('contained', { probes: [READ, WRITE] }).claim).toBe(
      'No probe left its baseline: users felt nothing of the fault on openai.',
    );
  });
});

describe('all detectors together', () => {
  test('name the outage from every side, the gravest first, each with evidence', () => {
    const { lessons, notAssessed } = learn(viewOf(outageJournal()));
    expect(lessons.map(({ id, severity }) => [id, severity])).toEqual([
      ['cascade', 'critical'],
      ['no-fallback', 'critical'],
      ['hanging-calls', 'high'],
      ['retry-storm', 'high'],
      ['no-breaker', 'high'],
      ['unbounded-growth', 'high'],
      ['silent-health', 'high'],
      ['near-limit', 'medium'],
      ['data-lost', 'good'],
      ['recovery', 'good'],
      ['contained', 'good'],
    ]);
    expect(lessons.every(({ evidence }) => evidence.length > 0)).toBe(true);
    expect(notAssessed.map(({ id }) => id)).toEqual([
      'no-timeout',
      'retry-after-ignored',
      'no-backoff',
      'no-jitter',
      'truncated-accepted',
      'cache-stampede',
      'silent-alerts',
      'retry-after-kept',
    ]);
  });

  test('list what they could not tell, and drop a lesson without evidence', () => {
    const empty: Detector = {
      ...LESSONS[0]!,
      id: 'empty',
      detect: () => ({ severity: 'high', claim: 'all is lost', evidence: [] }),
    };
    const view = shortRun();
    expect(learn(view, [empty]).lessons).toEqual([]);
    const { lessons, notFound, notAssessed } = learn(view);
    expect(lessons).toEqual([]);
    expect(notFound.length + notAssessed.length).toBe(LESSONS.length);
    expect(notAssessed.every(({ why }) => why.length > 0)).toBe(true);
  });

  test('name for each weakness the experiment that would show it mended', () => {
    const { lessons } = learn(viewOf(outageJournal()));
    const weak = lessons.filter(({ severity }) => severity !== 'good');
    expect(weak.filter(({ nextExperiment }) => !nextExperiment)).toEqual([]);
  });

  test('have ids of their own', () => {
    expect(new Set(LESSONS.map(({ id }) => id)).size).toBe(LESSONS.length);
  });
});
