import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import type { Notice } from '../../src/notify/contract.ts';
import { followRun } from '../../src/notify/follow.ts';
import { haltNotice, scheduleNotice } from '../../src/notify/other-notices.ts';
import { RunNotices } from '../../src/notify/run-notices.ts';
import { exportTrace, traceId } from '../../src/notify/traces/export.ts';
import { type TraceSpan, traceOf } from '../../src/notify/traces/trace.ts';
import { tracesWanted } from '../../src/notify/traces/wanted.ts';
import { outageJournal } from '../support/outage-journal.ts';
import { Receiver } from '../support/receiver.ts';

const events = outageJournal();
const at = (type: JournalEvent['type']) => Date.parse(events.find((event) => event.type === type)!.t);

describe('what is told of a run', () => {
  it('is its start, each step, the breach, the rollback and the end, in this order', () => {
    const notices = new RunNotices();
    const told = events.flatMap((event) => notices.take(event) ?? []);
    expect(told.map(({ occasion }) => occasion)).toEqual([
      'start',
      'step',
      'step',
      'breach',
      'rollback',
      ...told.slice(5, -1).map(() => 'step'),
      'end',
    ]);
    expect(new Set(told.map(({ experiment }) => experiment))).toEqual(new Set(['openai-outage-cascade']));
    expect(told.find(({ occasion }) => occasion === 'breach')!.text).toContain('errorRate');
    const end = told.at(-1)!;
    expect(end).toMatchObject({ verdict: 'aborted', exit: 3, from: events[0]!.t });
    const step = told.find(({ occasion }) => occasion === 'step')!;
    expect(Date.parse(step.at)).toBeGreaterThan(Date.parse(step.from!));
    expect(notices.lost('now')).toBeUndefined();
  });

  it('is also that its process is gone without an end', () => {
    const notices = new RunNotices();
    for (const event of events.slice(0, -1)) notices.take(event);
    expect(notices.lost('2026-11-21T10:00:00.000Z')).toMatchObject({
      occasion: 'end',
      headline: 'openai-outage-cascade: its process ended in mid-run',
    });
  });

  it('is a rollback that is not proven, whatever asked for it', () => {
    const notices = new RunNotices();
    notices.take(events[0]!);
    const base = { v: 1, n: 9, t: events[0]!.t, mono: 9 } as const;
    const finished = {
      ...base,
      type: 'rollback-started',
      cause: 'finished',
      reason: 'all steps ended',
    } as const;
    expect(notices.take(finished)).toBeUndefined();
    const proof = { proven: false, empty: false, held: 3, canaries: [], notUndone: [], reason: '3 are held' };
    expect(notices.take({ ...base, type: 'rollback-proof', proof, tookMs: 9 })).toMatchObject({
      occasion: 'rollback',
      text: '3 are held',
    });
  });
});

describe('a run that is followed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-followed-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function follow(journal: readonly JournalEvent[]): Promise<readonly Notice[]> {
    writeFileSync(
      join(folder, 'journal.jsonl'),
      journal.map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
    const told: Notice[] = [];
    const notifier = { tell: (notice: Notice) => void told.push(notice), counts: () => [], async close() {} };
    await followRun({ folder, notifier, traces: false, version: '', log: () => {} });
    return told;
  }

  it('is told to its end', async () => {
    expect((await follow(events)).at(-1)).toMatchObject({ occasion: 'end', verdict: 'aborted' });
  });

  it('is told to be lost when its process is gone and its journal does not end', async () => {
    const gone = { pid: 1, startTime: '1', bootId: 'another boot' };
    const cut = events
      .slice(0, -1)
      .map((event) => (event.type === 'run-started' ? { ...event, owner: gone } : event));
    expect((await follow(cut)).at(-1)!.headline).toMatch(/its process ended in mid-run$/);
  });
});

describe('what is told of schedules and of the kill switch', () => {
  const entry = { schedule: 'nightly', due: '2026-11-21T02:00:00.000Z', at: '2026-11-21T02:10:00.000Z' };

  it('is what did not start, with the reason, and not what did', () => {
    expect(
      scheduleNotice({ ...entry, state: 'missed', reason: 'no controller looked in time' }),
    ).toMatchObject({
      occasion: 'missed',
      schedule: 'nightly',
      text: 'no controller looked in time',
    });
    expect(scheduleNotice({ ...entry, state: 'skipped', reason: 'a freeze' })?.occasion).toBe('skipped');
    expect(scheduleNotice({ ...entry, state: 'started', run: 'r1' })).toBeUndefined();
  });

  it('is who threw it and why, and that it was lifted', () => {
    expect(haltNotice({ reason: 'real incident', since: entry.at, by: 'ada' }, 'later')).toMatchObject({
      at: entry.at,
      headline: 'halted by ada',
      text: 'real incident',
    });
    expect(haltNotice(undefined, entry.at).headline).toBe('the halt was lifted');
  });
});

describe('the trace of a run', () => {
  const trace = traceOf(events)!;

  it('holds its phases one after the other, with the times of the journal', () => {
    expect(trace).toMatchObject({
      name: 'run openai-outage-cascade',
      start: at('run-started'),
      end: at('run-ended'),
      attributes: { 'faultline.verdict': 'aborted', 'faultline.exit': 3 },
      error: { type: 'aborted', text: expect.stringContaining('aborted') },
    });
    const names = trace.children.map(({ name }) => name.split(' ')[0]);
    expect(names).toEqual(['baseline', 'step', 'step', 'step', 'rollback', 'recovery']);
    for (const [index, child] of trace.children.entries()) {
      expect(child.start).toBeLessThanOrEqual(child.end);
      expect(child.start).toBeGreaterThanOrEqual(trace.children[index - 1]?.end ?? trace.start);
      expect(child.end).toBeLessThanOrEqual(trace.end);
    }
  });

  it('shows a breach and what left its baseline within the step in which it happened', () => {
    const third = trace.children[3]!;
    expect(third.events.map(({ name }) => name)).toContain('breach');
    expect(third.error).toEqual({ type: 'breach', text: expect.stringContaining('errorRate') });
    expect(third.events.find(({ name }) => name === 'breach')!.at).toBe(at('breach'));
    expect(trace.children.flatMap((child) => child.events.map(({ name }) => name))).toContain(
      'left baseline',
    );
  });

  it('of a run whose journal breaks off ends with the last event, and says so', () => {
    const cut = traceOf(events.slice(0, -1))!;
    expect(cut.error).toEqual({ type: 'interrupted', text: 'the journal does not end' });
    expect(cut.end).toBe(Date.parse(events.at(-2)!.t));
    expect(traceOf([])).toBeUndefined();
  });
});

describe('a trace that is exported', () => {
  const receiver = new Receiver();
  beforeAll(() => receiver.open());
  afterAll(() => receiver.close());

  it('is wanted where an endpoint is set', () => {
    expect(tracesWanted({})).toBe(false);
    expect(tracesWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' })).toBe(true);
    expect(tracesWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'true' })).toBe(false);
  });

  it('arrives by OTLP under the id of its run, with parents and times', async () => {
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
    process.env.OTEL_RESOURCE_ATTRIBUTES = 'deployment.environment.name=staging';
    const trace = traceOf(events)!;
    try {
      await exportTrace('r1', trace, '1.2.3');
    } finally {
      delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
      delete process.env.OTEL_RESOURCE_ATTRIBUTES;
    }
    const spans = receiver
      .bodies('/v1/traces')
      .flatMap(({ resourceSpans }) => resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap(({ spans }) => spans);
    expect(spans).toHaveLength(countOf(trace));
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId('r1')]));
    const root = spans.find((span) => span.name === trace.name);
    expect(root.startTimeUnixNano).toBe(`${trace.start}000000`);
    expect(spans.filter((span) => span.parentSpanId === root.spanId)).toHaveLength(trace.children.length);
    expect(receiver.received[0]!.body).toContain('1.2.3');
    expect(receiver.received[0]!.body).toContain(
      '"deployment.environment.name","value":{"stringValue":"staging"}',
    );
    expect(root.status.code).toBe(SpanStatusCode.ERROR);
    for (const span of spans) expect(span.kind).toBe(SpanKind.INTERNAL + 1);
    const keys = spans.flatMap((span) =>
      [span, ...span.events].flatMap((one) => one.attributes.map(({ key }: { key: string }) => key)),
    );
    expect(keys.filter((key) => !/^faultline\.[a-z_]+$|^error\.type$/.test(key))).toEqual([]);
  });
});

function countOf(span: TraceSpan): number {
  return span.children.reduce((sum, child) => sum + countOf(child), 1);
}
