import { expect, it } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import type { AbortRule, RecordedLimits } from '../../src/core/limits.ts';
import type { Sample } from '../../src/core/ports.ts';
import { RunProgress } from '../../src/experiments/progress.ts';
import { marginsOf } from '../../src/server/live/margins.ts';
import { Timeline } from '../../src/server/live/timeline.ts';
import { httpProbe, plan } from '../support/journal-builder.ts';
import { faulted, shortJournal } from '../support/short-journal.ts';

const FIRST_FAULT = 20_000;
const RULE: AbortRule = {
  probe: 'read',
  measure: 'errorRate',
  operator: '>',
  bound: 0.5,
  relative: false,
  forMs: 20_000,
  text: 'errorRate > 50% for 20 s',
  source: 'experiment',
};
const read = httpProbe('read', 'http://127.0.0.1:3000/', { windowMs: 5000 });
const journal = shortJournal({
  probes: [read],
  sample: (_, since) => ({ ok: !faulted(since) }),
  seen: (proxy, since) => ({ failing: proxy === 'openai' && faulted(since) ? 1 : 0 }),
  plan: { abortWhen: [RULE] },
});
const limits: RecordedLimits = {
  environment: { name: 'local', allowed: ['local'] },
  reach: { ...plan().reach, connections: 16, requestsPerSecond: 100 },
  exempt: { headers: [], clients: [] },
  approvedBy: [],
};

/** With limits, and with a fault that counts what it acted on. */
function withFacts(event: JournalEvent): JournalEvent {
  if (event.type === 'run-started') return { ...event, limits };
  if (event.type !== 'observation' || event.observation.epoch === 0) return event;
  const openai = event.observation.proxies.openai!;
  const faults = { '1.1': { matched: openai.units, injected: openai.units, skipped: {} } };
  const proxies = { ...event.observation.proxies, openai: { ...openai, faults } };
  return { ...event, observation: { ...event.observation, proxies } };
}

/** As a control plane has read it, up to a time of the run. */
function readUntil(mono: number) {
  const timeline = new Timeline();
  const progress = new RunProgress();
  const samples = new Map<string, [number, Sample][]>();
  for (const event of journal.filter((one) => one.mono <= mono)) {
    const told = withFacts(event);
    timeline.take(told);
    progress.take(told);
    if (told.type === 'sample')
      samples.set(told.sample.probe, [...(samples.get(told.sample.probe) ?? []), [told.mono, told.sample]]);
  }
  return { timeline, progress, samples };
}

it('tells when a step was in force, when faults were taken back, and when that was proven', () => {
  const during = readUntil(FIRST_FAULT + 5000).timeline;
  expect(during.steps).toEqual([{ step: 0, from: FIRST_FAULT, to: null }]);
  expect(during.rollback).toBeUndefined();
  const after = readUntil(Number.POSITIVE_INFINITY).timeline;
  expect(after.steps[0]!.to).toBeGreaterThan(FIRST_FAULT);
  expect(after.moments.map(({ kind }) => kind)).toEqual(['first fault', 'rollback', 'proof']);
  expect(after.rollback).toMatchObject({ cause: 'finished', emptiedAt: 50_000, proof: { proven: true } });
});

it('tells answers a second by who made them, over the change of an epoch too', () => {
  const rates = readUntil(FIRST_FAULT + 5000).timeline.rates.get('openai')!;
  const at = (mono: number) => rates.find(([when]) => when === mono)?.slice(1);
  expect(at(10_500)).toEqual([10, 0]);
  expect(at(FIRST_FAULT + 500)).toEqual([0, 10]);
  expect(at(FIRST_FAULT + 4500)).toEqual([0, 10]);
});

it('tells how much of a limit is used, and how long it has been passed of the time that it may be', () => {
  const calm = marginsOf(readUntil(FIRST_FAULT - 100)).find(({ probe }) => probe === 'read');
  expect(calm).toMatchObject({ used: 0, beyond: false, heldMs: 0, forMs: 20_000 });
  const failing = marginsOf(readUntil(FIRST_FAULT + 10_000)).find(({ probe }) => probe === 'read');
  expect(failing).toMatchObject({ limit: RULE.text, value: '100%', used: 1, beyond: true });
  // A window of five seconds is half bad after half of it.
  expect(failing!.heldMs).toBeGreaterThan(6500);
  expect(failing!.heldMs).toBeLessThan(7600);
});

it('holds what the data plane observes against the limits that the run recorded', () => {
  const margins = marginsOf(readUntil(FIRST_FAULT + 10_000));
  const requests = margins.find(({ limit }) =>
    /requests a second that faults touch, at most 100/.test(limit),
  );
  expect(requests).toMatchObject({ probe: '', beyond: false });
  expect(requests!.used).toBeCloseTo(0.1);
});
