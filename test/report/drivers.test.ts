import { expect, test } from 'vitest';
import type { CountedFault } from '../../src/core/fault.ts';
import { renderHtml, renderJson, renderMarkdown, summarise } from '../../src/report/index.ts';
import { counted, JournalBuilder, plan, planned, step } from '../support/journal-builder.ts';

/** The data plane and a Toxiproxy server both have a proxy named redis; only the second one's has faults. */
const onLab = { ...planned('1.1', 'redis', 'timeout', 'swallow all data'), driver: 'lab' };
const onDb = { ...planned('1.2', 'db', 'pg_terminate', 'end the sessions on the server'), driver: 'db' };
const counts: readonly CountedFault[] = [
  { ...counted(onLab, 0, 0), driver: 'lab', uncounted: true },
  { ...counted(onDb, 4, 3, { toxicity: 1 }), driver: 'db' },
];
const notUndone = [
  '3 sessions were ended by pg_terminate on db',
  'connections that timeout on lab/redis ended, which nobody counted',
];

const journal = new JournalBuilder()
  .add(0, {
    type: 'run-started',
    run: 'run-1',
    plan: plan({
      proxies: [{ name: 'redis', protocol: 'redis', listen: '127.0.0.1:1', upstream: '127.0.0.1:2' }],
      steps: [step('beside', 5000, onLab, onDb)],
    }),
    version: '0.1.0',
    owner: { pid: 1, startTime: '', bootId: '' },
  })
  .add(900, { type: 'step-intended', step: 0, name: 'beside', epoch: 1, faults: [onLab, onDb].map(spec) })
  .add(1000, { type: 'step-applied', step: 0, epoch: 1 })
  .add(6000, { type: 'step-ended', step: 0, counts, injectedMet: true })
  .add(6010, { type: 'rollback-started', cause: 'finished', reason: 'all steps were played' })
  .add(6020, { type: 'rollback-emptied', tookMs: 10 })
  .add(6050, {
    type: 'rollback-proof',
    tookMs: 30,
    proof: {
      proven: false,
      empty: false,
      held: null,
      canaries: [],
      drivers: [
        { driver: 'embedded', empty: true, held: 0 },
        { driver: 'db', empty: true, held: 0 },
        { driver: 'lab', empty: false, held: null, reason: 'it cannot be reached' },
      ],
      notUndone,
      reason: 'it cannot be reached',
    },
  });
const summary = summarise(journal.build());

function spec({ id, driver, proxy, type }: typeof onLab) {
  return { id, driver, proxy, type };
}

test('faults of drivers are told by their place, and not taken for those of a proxy of the same name', () => {
  expect(summary.injection.map(({ place }) => place)).toEqual(['lab/redis', 'db']);
  expect(summary.cascade.faulted).toEqual([
    { proxy: 'lab/redis', spans: [{ from: 0, to: 5 }] },
    { proxy: 'db', spans: [{ from: 0, to: 5 }] },
  ]);
  expect(summary.steps[0]!.faults[0]).toBe('lab/redis: swallow all data');
  expect(summary.timeline.find(({ tone }) => tone === 'fault')?.text).toContain(
    'lab/redis: swallow all data',
  );
});

test('what nobody counts is not shown as 0', () => {
  const injected = (text: string, line: RegExp) => line.exec(text)?.[0];
  expect(injected(renderMarkdown(summary), /^.*swallow all data.*$/m)).toMatch(/\| – \| not counted \|/);
  expect(renderHtml(summary)).toContain('not counted');
  expect(summary.timeline.map(({ text }) => text)).toContain(
    'Step 1 "beside" ended with 3 injections, beside those on lab/redis, which nobody counts',
  );
});

test('each driver says what it proved, and all that cannot be undone is listed', () => {
  expect(JSON.parse(renderJson(summary)).rollback).toMatchObject({
    drivers: [{ driver: 'embedded' }, { driver: 'db' }, { driver: 'lab', reason: 'it cannot be reached' }],
    notUndone,
  });
  const markdown = renderMarkdown(summary);
  expect(markdown).toContain('| embedded | none left | 0 | – |');
  expect(markdown).toContain('| lab | not known | not told | it cannot be reached |');
  for (const text of notUndone) expect(markdown).toContain(`- ${text.replaceAll('_', '\\_')}`);
  const html = renderHtml(summary);
  for (const text of notUndone) expect(html).toContain(`<li>${text}</li>`);
  expect(html).toMatch(/<td[^>]*>lab<\/td>[\s\S]{0,200}not known/);
});
