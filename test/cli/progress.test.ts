import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { jsonReporter, textReporter } from '../../src/cli/progress/index.ts';
import { plainPaint } from '../../src/cli/progress/paint.ts';
import { liveView, statusLine } from '../../src/cli/progress/view.ts';
import type { JournalBody, JournalEvent } from '../../src/core/journal.ts';
import type { Plan } from '../../src/core/plan.ts';
import { RunProgress } from '../../src/experiments/progress.ts';

const plan = {
  title: 'OpenAI goes dark',
  hypothesis: 'Reads stay up.',
  baselineMs: 10_000,
  recoveryMs: 60_000,
  probes: [
    { name: 'read', kind: 'http', windowMs: 10_000, expect: [{ measure: 'p95' }] },
    { name: 'pending', kind: 'postgres', windowMs: 10_000, expect: [{ measure: 'value' }] },
  ],
  steps: [
    {
      name: 'dark',
      durationMs: 20_000,
      faults: [{ proxy: 'openai', sentence: 'answer with a server error' }],
    },
  ],
} as unknown as Plan;

const fault = {
  id: '1.1',
  proxy: 'openai',
  type: 'ai_error',
  toxicity: 0.5,
  matched: 40,
  injected: 20,
  skipped: {},
};

describe('the progress of a run', () => {
  test('shows the step, the time left and each probe against its baseline', () => {
    const view = liveView(played(), 25_000, plainPaint);
    expect(view[0]).toContain('step 1/1 dark');
    expect(view[0]).toContain('5 s left');
    expect(view[1]).toMatch(/✗ read {5}p95 400 ms errors 50% +baseline p95 18 ms/);
    expect(view[2]).toMatch(/✓ pending {2}312 +baseline 3/);
    expect(view[3]).toContain('openai ai_error: injected 20 of 40 at 50%');
  });

  test('fits into one line for a log', () => {
    expect(statusLine(played(), 25_000)).toBe(
      'step 1/1 dark 5 s left | read p95 400 ms errors 50% | pending 312 | openai ai_error injected 20/40',
    );
  });

  test('forgets samples older than the window of their probe', () => {
    const progress = played();
    progress.take(event(60_000, { type: 'sample', sample: { probe: 'read', mono: 0, ms: 10, ok: true } }));
    expect(progress.probes.get('read')?.samples).toHaveLength(1);
  });

  test('is plain lines where there is no terminal', () => {
    const { out, text } = sink(false);
    const reporter = textReporter(out);
    for (const one of events()) reporter.take(one);
    expect(text()).toContain('10.0 s step 1 of 1: dark for 20 s');
    expect(text()).toContain('openai: answer with a server error');
    expect(text()).toContain(
      'read left its baseline 12 s after the first fault: expected p95 < 2x of baseline, is 400 ms (baseline 18 ms)',
    );
    expect(text()).not.toContain('\x1b');
  });

  test('never writes wider than the terminal', () => {
    const { out, text } = sink(true, 60);
    const reporter = textReporter(out);
    for (const one of events()) reporter.take(one);
    reporter.close();
    const lines = stripVTControlCharacters(text()).split('\n');
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    const drawn = stripVTControlCharacters(text().split('\u001b[0J').at(-2)!).split('\n').slice(2);
    expect(drawn.length).toBeGreaterThan(3);
    for (const line of drawn) expect(line.length).toBeLessThanOrEqual(60);
  });

  test('is the journal itself for machines', () => {
    const { out, text } = sink(false);
    const reporter = jsonReporter(out);
    for (const one of events()) reporter.take(one);
    expect(
      text()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).n),
    ).toEqual(events().map((one) => one.n));
  });
});

function played(): RunProgress {
  const progress = new RunProgress();
  for (const one of events()) progress.take(one);
  return progress;
}

function events(): JournalEvent[] {
  return [
    event(0, {
      type: 'run-started',
      run: 'r',
      plan,
      version: '0',
      owner: { pid: 1, startTime: '', bootId: '' },
    }),
    event(10, { type: 'baseline-started' }),
    event(10_000, {
      type: 'baseline',
      healthy: true,
      windows: [
        { probe: 'read', samples: 40, measures: { p95: 18 }, missed: [] },
        { probe: 'pending', samples: 40, measures: { value: 3 }, missed: [] },
      ],
    }),
    event(10_000, { type: 'step-applied', step: 0, epoch: 1 }),
    event(20_000, { type: 'sample', sample: { probe: 'read', mono: 0, ms: 400, ok: false } }),
    event(20_000, { type: 'sample', sample: { probe: 'read', mono: 0, ms: 30, ok: true } }),
    event(20_000, { type: 'sample', sample: { probe: 'pending', mono: 0, ms: 5, ok: true, value: 312 } }),
    event(21_000, { type: 'renewed', epoch: 1, faults: [fault] }),
    event(22_000, {
      type: 'left-baseline',
      probe: 'read',
      expectation: 'p95 < 2x of baseline',
      value: 400,
      baseline: 18,
    }),
  ].map((one, index) => ({ ...one, n: index + 1 }));
}

function event(mono: number, body: JournalBody): JournalEvent {
  return { v: 1, n: 0, t: '2026-01-01T00:00:00.000Z', mono, ...body };
}

function sink(isTTY: boolean, columns = 100) {
  let written = '';
  const out = {
    isTTY,
    columns,
    write(text: string) {
      written += text;
    },
  };
  return { out, text: () => written };
}
