import { describe, expect, test } from 'vitest';
import type { RecordedLimits } from '../../src/core/limits.ts';
import { renderHtml, renderMarkdown, summarise } from '../../src/report/index.ts';
import { DEFAULT_LIMITS } from '../../src/safety/limits/defaults.ts';
import { JournalBuilder, plan, planned, step } from '../support/journal-builder.ts';

const LIMITS: RecordedLimits = {
  file: 'safety-limits.yaml',
  environment: { name: 'staging', allowed: ['staging'] },
  reach: { ...DEFAULT_LIMITS.reach, proxies: 2 },
  spend: { extraRequests: 100 },
  exempt: { headers: ['x-pass'], clients: ['10.0.0.0/8'] },
  approvedBy: ['Ana'],
};

/** A run whose retries added `extra` requests at the provider in ten seconds of faults. */
function run(extra: number, limits: RecordedLimits | null = LIMITS, breached = false) {
  const fault = planned('1.1', 'openai', 'ai_ttft', 'delay the first token', 0.4);
  const given = plan({
    proxies: [{ name: 'openai', protocol: 'openai', listen: '', upstream: '' }],
    steps: [step('slow', 10_000, fault)],
  });
  const owner = { pid: 1, startTime: '', bootId: '' };
  const builder = new JournalBuilder()
    .add(0, {
      type: 'run-started',
      run: 'r',
      plan: given,
      version: '1',
      owner,
      ...(limits ? { limits } : {}),
    })
    .add(5000, {
      type: 'step-intended',
      step: 0,
      name: 'slow',
      epoch: 1,
      faults: [{ id: '1.1', proxy: 'openai', type: 'ai_ttft', toxicity: 0.4 }],
    })
    .add(5010, { type: 'step-applied', step: 0, epoch: 1 });
  for (let second = 0; second <= 15; second++) {
    const share = Math.max(0, second - 5) / 10;
    const retries = Math.round(extra * share);
    const requests = second <= 5 ? second * 10 : Math.round(share * 100) + retries;
    builder.observation(second * 1000 + 20, second <= 5 ? 0 : 1, {
      openai: { units: requests, retries, sentOn: { requests, retries } },
    });
  }
  if (breached)
    builder.add(14_500, {
      type: 'bound-breached',
      limit: 'extraRequests',
      proxy: 'openai',
      value: 101,
      bound: 100,
      text: 'openai: the requests that retries added came to 101.',
    });
  const counts = [
    { id: '1.1', proxy: 'openai', type: 'ai_ttft', matched: 9, injected: 9, skipped: { exempt: 7 } },
  ];
  return builder
    .add(15_100, { type: 'rollback-started', cause: breached ? 'breach' : 'finished', reason: 'over' })
    .add(15_200, { type: 'rollback-emptied', tookMs: 3 })
    .add(15_210, { type: 'step-ended', step: 0, counts, injectedMet: true })
    .build();
}

describe('the safety record of a run', () => {
  const summary = summarise(run(90));
  const bound = (limit: string) => summary.safety?.bounds.filter((row) => row.limit === limit);

  test('has how far the run went of each reach, as it was and not as it was planned', () => {
    expect(bound('reach.toxicity')).toMatchObject([{ reached: '40%', bound: '100%', used: 0.4 }]);
    expect(bound('reach.proxies')).toMatchObject([{ reached: '1', bound: '2', used: 0.5 }]);
    expect(bound('reach.duration')).toMatchObject([{ reached: '10.19 s', bound: '30 min', breached: false }]);
  });

  test('has the worst of what was observed against its bound', () => {
    expect(bound('spend.extraRequests')).toEqual([
      {
        limit: 'spend.extraRequests',
        reached: '90',
        bound: '100',
        used: 0.9,
        breached: false,
        sentence:
          'the requests that retries added came to 90 of 100: 90 of 190 requests that were sent on say that they are retries',
      },
    ]);
  });

  test('feeds the lesson on luck', () => {
    const lesson = summary.lessons.find(({ id }) => id === 'near-limit');
    expect(lesson?.claim).toContain('(the requests that retries added): it was lucky');
    expect(summarise(run(40)).lessons.some(({ id }) => id === 'near-limit')).toBe(false);
  });

  test('says who approved and whom the faults spared', () => {
    expect(summary.safety).toMatchObject({
      approvedBy: ['Ana'],
      exempt: { headers: ['x-pass'], clients: ['10.0.0.0/8'], spared: 7 },
    });
  });

  test.each([
    ['HTML', renderHtml(summary)],
    ['Markdown', renderMarkdown(summary)],
  ])('is told in %s', (_, page) => {
    for (const text of [
      'Environment "staging", limits of safety-limits.yaml',
      'Approved by Ana',
      'Exempt: header x-pass, 10.0.0.0/8; faults left 7 units alone',
      'spend.extraRequests',
      '90 of 190 requests that were sent on',
    ])
      expect(page.replace(/&#?\w+;/g, '"').replaceAll('\\', '')).toContain(text);
  });

  test('shows a bound that was breached, with the time to detect it', () => {
    const aborted = summarise(run(101, LIMITS, true));
    expect(aborted.safety?.bounds.find(({ breached }) => breached)).toMatchObject({
      limit: 'spend.extraRequests',
      used: 1,
    });
    expect(aborted.times).toMatchObject({ detectMs: 9490, rollBackMs: 700 });
    expect(aborted.timeline.map(({ text }) => text)).toContain(
      'Limit breached: openai: the requests that retries added came to 101.',
    );
  });

  test('is not there for a journal that holds no limits', () => {
    const old = summarise(run(90, null));
    expect(old.safety).toBeNull();
    expect(renderHtml(old)).not.toContain('Reach and spend');
  });
});
