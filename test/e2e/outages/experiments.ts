import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Case, Outcome } from '../../matrix/case.ts';
import { playApart } from '../../matrix/play-all.ts';
import { describeWithRedis } from '../../support/services.ts';

const root = mkdtempSync(join(tmpdir(), 'faultline-experiments-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function play(played: Case): Promise<Outcome> {
  const result = await playApart(played, mkdtempSync(join(root, 'case-')));
  if ('failure' in result) throw new Error(result.failure);
  expect(result.outcome.rollbackProven, result.outcome.sentence).toBe(true);
  return result.outcome;
}

function weaknesses({ lessons }: Outcome): string[] {
  return lessons.filter(({ severity }) => severity !== 'good').map(({ id }) => id);
}

/** What the demo plays on the fragile build at length is played by its own test. */
describeWithRedis.concurrent('an experiment that ships tells the builds of the sandbox apart:', () => {
  test('an OpenAI outage leaves the resilient build serving, by its fallback', {
    timeout: 150_000,
  }, async () => {
    const outcome = await play({ experiment: 'openai-outage-cascade', resilience: 'all', pace: 0.25 });
    expect(['held', 'deviated']).toContain(outcome.verdict);
    expect(outcome.availability).toBeGreaterThan(0.95);
    expect(weaknesses(outcome)).not.toContain('no-fallback');
    expect(weaknesses(outcome)).not.toContain('data-lost');
  });

  // With this seed the first acknowledgement is lost among the first results, so that short steps have one.
  const connections = { experiment: 'database-connection-loss', pace: 0.4, seed: 44 };

  test('lost database connections lose tasks in the fragile build', { timeout: 150_000 }, async () => {
    const outcome = await play({ ...connections, resilience: 'none' });
    expect(['aborted', 'deviated']).toContain(outcome.verdict);
    expect(weaknesses(outcome)).toContain('data-lost');
  });

  test('lost database connections lose none in the resilient build', { timeout: 150_000 }, async () => {
    const outcome = await play({ ...connections, resilience: 'all' });
    expect(['held', 'deviated']).toContain(outcome.verdict);
    expect(outcome.availability).toBeGreaterThan(0.9);
    expect(weaknesses(outcome)).not.toContain('data-lost');
  });
});
