import { describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import { renderHtml, renderJson, renderMarkdown, summarise } from '../../src/report/index.ts';
import { httpProbe, JournalBuilder, plan } from '../support/journal-builder.ts';
import { outageJournal } from '../support/outage-journal.ts';
import { shortJournal } from '../support/short-journal.ts';

const outage = outageJournal();
const summary = summarise(outage);

describe('the summary of an outage', () => {
  test('has its verdict, a headline and the run’s own sentence', () => {
    expect(summary.verdict).toMatchObject({ outcome: 'aborted', exit: 3, rollbackProven: true });
    expect(summary.verdict.headline).toBe(
      'Faults on openai pushed 3 of 6 probes out of their baseline; the safety monitor took them back after 41.2 s.',
    );
    expect(summary.verdict.sentence).toContain('rolled back in 37 ms');
  });

  test('has the times to detect, to roll back, to prove it and to recover', () => {
    expect(summary.times).toEqual({
      detectMs: 41_200,
      firstSignMs: 6100,
      rollBackMs: 38,
      proveMs: 202,
      recoverMs: 12_300,
      recoverWithinMs: 60_000,
      recovered: true,
    });
  });

  test('names the cascade in the order in which the probes left, with seconds since the first fault', () => {
    expect(summary.cascade.left.map(({ probe, leftS }) => [probe, leftS])).toEqual([
      ['create-task', 6.1],
      ['tasks-pending', 11.4],
      ['read-workspace', 24.8],
    ]);
    expect(summary.cascade.stayed).toEqual(['health', 'tasks-lost', 'registry']);
    expect(summary.cascade.left.every((row) => row.returnedS !== null && row.returnedS > 41)).toBe(true);
  });

  test('tells the dependency that had faults from the one that only suffered', () => {
    expect(summary.cascade.faulted.map(({ proxy }) => proxy)).toEqual(['openai']);
    expect(summary.cascade.suffered.map(({ proxy }) => proxy)).toEqual(['postgres']);
    expect(summary.cascade.unharmed).toEqual(['redis']);
  });

  test('holds each expectation against its baseline, its worst and what came after', () => {
    const rows = summary.hypothesis.expectations;
    expect(summary.hypothesis.outcome).toBe('missed');
    const reads = rows.find((row) => row.probe === 'read-workspace' && row.expectation === 'p95 < 300ms');
    expect(reads).toMatchObject({ baseline: 62, worst: 2001, after: 64, missedS: 26.3, outcome: 'missed' });
    expect(rows.find((row) => row.probe === 'tasks-lost')).toMatchObject({ worst: 0, outcome: 'held' });
    expect(rows.find((row) => row.probe === 'create-task' && row.measure === 'status')).toMatchObject({
      worst: 503,
      outcome: 'in errorRate',
    });
  });

  test('proves the injection by step and fault', () => {
    expect(summary.injection.map(({ step, matched, injected }) => [step, matched, injected])).toEqual([
      [1, 148, 91],
      [2, 402, 203],
      [3, 391, 391],
    ]);
    expect(summary.injection[0]).toMatchObject({ toxicity: '60%', skipped: { toxicity: 57 }, met: true });
  });

  test('keeps injected and organic answers apart, and loses none between epochs', () => {
    const openai = summary.traffic.find((proxy) => proxy.proxy === 'openai')!;
    expect(openai.statuses.find(({ status }) => status === '500')).toMatchObject({ organic: 0 });
    expect(openai.statuses.find(({ status }) => status === 'error')).toMatchObject({ injected: 0 });
    expect(openai.before.injected + openai.after.injected).toBe(0);
    const counted = openai.statuses.reduce((sum, { organic, injected }) => sum + organic + injected, 0);
    const { before, during, after } = openai;
    const spans = [before, during, after].map((span) => span.organicOk + span.organicErrors + span.injected);
    expect(spans.reduce((sum, part) => sum + part, 0)).toBe(counted);
  });

  test('says how near each limit was', () => {
    expect(summary.limits.map(({ rule, breached, nearest }) => [rule, breached, nearest])).toEqual([
      ['errorRate > 20% for 5 s', true, 'read-workspace'],
      ['errorRate > 90% for 5 s', false, 'create-task'],
      ['value > 400', false, 'tasks-pending'],
    ]);
    expect(summary.limits[2]!.used).toBeCloseTo(296 / 400, 1);
  });

  test('says what became of each step', () => {
    expect(summary.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['slow first token', 'completed'],
      ['rate-limit storm', 'completed'],
      ['dark', 'cut short'],
    ]);
  });

  test('has a timeline in order, without samples and renewals', () => {
    const times = summary.timeline.map((entry) => entry.s);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(summary.timeline.length).toBeLessThan(40);
    expect(summary.timeline.map((entry) => entry.text).join('\n')).toContain(
      'Limit breached: read-workspace',
    );
  });
});

function render(events: readonly JournalEvent[]) {
  const made = summarise(events);
  return { made, pages: [renderHtml(made), renderMarkdown(made), renderJson(made)] };
}

describe('a journal that is not whole', () => {
  test('can be summarised wherever it was torn', () => {
    // Every place where the run's own acts stand, and some among the samples.
    const bulky = new Set(['sample', 'observation', 'renewed']);
    const places = outage.flatMap((event, index) =>
      !bulky.has(event.type) || index % 97 === 0 ? [index] : [],
    );
    for (const place of places) {
      const made = summarise(outage.slice(0, place));
      expect(made.verdict.outcome, `cut at ${place}`).toBe('unfinished');
    }
    for (const place of [0, 1, 5, 200, 700, outage.length - 1])
      for (const page of render(outage.slice(0, place)).pages) expect(page.length).toBeGreaterThan(100);
  });

  test('that stops under a fault says loudly that nothing is proven', () => {
    const applied = outage.findIndex((event) => event.type === 'step-applied');
    const { made, pages } = render(outage.slice(0, applied + 50));
    expect(made.verdict).toMatchObject({ outcome: 'unfinished', rollbackProven: false });
    expect(pages[0]).toContain('It is not proven that every fault was taken back');
    expect(pages[1]).toContain('It is not proven that every fault was taken back');
  });

  test('of an interrupted run says so', () => {
    const applied = outage.findIndex((event) => event.type === 'step-applied');
    const before = outage.slice(0, applied + 100);
    const last = before.at(-1)!;
    const after = new JournalBuilder(Date.parse(last.t) + 60_000)
      .add(5, { type: 'rollback-started', cause: 'interrupted', reason: 'the controller is gone.' })
      .add(15, { type: 'rollback-emptied', tookMs: 10 })
      .add(105, {
        type: 'rollback-proof',
        tookMs: 90,
        proof: {
          proven: true,
          empty: true,
          held: 0,
          canaries: [],
          notUndone: ['3 connections were closed by kill'],
        },
      })
      .add(205, {
        type: 'run-ended',
        verdict: 'inconclusive',
        exit: 5,
        sentence: 'inconclusive: the controller is gone',
        interrupted: true,
      })
      .build();
    const { made, pages } = render([...before, ...after]);
    expect(made.verdict).toMatchObject({ outcome: 'inconclusive', interrupted: true, rollbackProven: true });
    expect(
      made.rollback!.emptiedS! - made.timeline.find((entry) => entry.tone === 'fault')!.s,
    ).toBeGreaterThan(60);
    expect(pages[0]).toContain('3 connections were closed by kill');
  });

  test('of unknown events, or of none at all, is no error', () => {
    const foreign = { v: 1, n: 99, t: 'never', mono: 5, type: 'from-the-future' } as unknown as JournalEvent;
    expect(() => render([...outage.slice(0, 40), foreign])).not.toThrow();
    expect(render([]).made.verdict.outcome).toBe('unfinished');
  });
});

describe('a run that was refused', () => {
  const refused = new JournalBuilder()
    .add(0, {
      type: 'run-started',
      run: 'run-2',
      plan: plan({ probes: [httpProbe('read', 'http://127.0.0.1:1/', { expect: { status: 200 } })] }),
      version: '0.1.0',
      owner: { pid: 1, startTime: '', bootId: '' },
    })
    .add(10, { type: 'gate-passed', gate: 'environment', detail: 'local is allowed' })
    .add(20, { type: 'gate-refused', gate: 'window', reason: 'no window is open before Monday 09:00' })
    .add(30, {
      type: 'run-ended',
      verdict: 'inconclusive',
      exit: 6,
      sentence: 'refused: no window is open before Monday 09:00',
    })
    .build();

  test('has a short report that says why, and nothing of faults', () => {
    const { made, pages } = render(refused);
    expect(made.verdict).toMatchObject({ outcome: 'refused', exit: 6, rollbackProven: null });
    expect(pages[0]).toContain('Nothing was injected: the run was refused.');
    expect(pages[0]).toContain('no window is open before Monday 09:00');
    for (const id of ['cascade', 'rollback', 'probes', 'limits'])
      expect(pages[0]).not.toContain(`id="${id}"`);
    expect(pages[0]).not.toContain('class="alarm"');
  });
});

describe('a run in which all held', () => {
  test('says so in its first words', () => {
    const held = summarise(
      shortJournal({ probes: [httpProbe('read', 'http://127.0.0.1:1/', { expect: { errorRate: '< 1%' } })] }),
    );
    expect(held.verdict.headline).toBe('The hypothesis held: openai failed and no probe left its baseline.');
    expect(held.hypothesis.outcome).toBe('held');
    expect(held.times.detectMs).toBeNull();
  });
});

describe('a rollback that is not proven', () => {
  test('is the loudest thing on the page', () => {
    const unproven = outage.map(
      (event): JournalEvent =>
        event.type === 'rollback-proof'
          ? {
              ...event,
              proof: { ...event.proof, proven: false, held: 2, reason: 'the data plane still holds 2 units' },
            }
          : event,
    );
    const { made, pages } = render(unproven);
    expect(made.verdict.rollbackProven).toBe(false);
    expect(pages[0]).toMatch(/class="alarm"[^>]*>It is not proven[^<]*the data plane still holds 2 units/);
    expect(made.times.proveMs).toBeNull();
  });
});

describe('the sequential tests of a run', () => {
  const common = { bad: 0, samples: 240, looks: 1, tolerated: 0.01, threshold: 1000 };
  const judged = [...outage];
  const first = judged.findIndex(({ type }) => type === 'step-applied');
  const { v, n, t, mono } = judged[first]!;
  const probe = 'read-workspace';
  const made = summarise([
    ...judged.slice(0, first),
    {
      ...{ v, n, t, mono },
      type: 'judging',
      probe,
      tests: [
        { ...common, measure: 'errorRate' },
        { ...common, measure: 'p95', samples: 12, needs: 90 },
      ],
    },
    {
      ...{ v, n, t, mono },
      type: 'evidence',
      probe,
      measure: 'errorRate',
      evidence: 31.6,
      threshold: 1000,
      samples: 9,
    },
    ...judged.slice(first),
  ]);
  const rows = made.limits.filter(({ rule }) => rule.startsWith('sequential test'));

  test('stand among the limits, with how far their evidence went', () => {
    expect(rows.map(({ rule, watches, nearest, breached }) => [rule, watches, nearest, breached])).toEqual([
      ['sequential test of errorRate', '1 of 1 probe', probe, false],
      ['sequential test of p95', '0 of 1 probe', probe, false],
    ]);
    expect(rows[0]!.used).toBeCloseTo(0.5, 2);
  });

  test('say which could not be judged, and what its baseline would need', () => {
    const text = 'p95 could not be judged: baseline of 12 samples, needs 90';
    expect(rows[1]!.sentence).toContain(text);
    expect(made.timeline.some((entry) => entry.text.includes(text))).toBe(true);
  });
});
