import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Summary } from '../../../src/report/summary.ts';
import { Demo, listening } from '../../support/demo.ts';
import { finished } from '../../support/processes.ts';
import { describeWithRedis } from '../../support/services.ts';

describeWithRedis('the demo', () => {
  let demo: Demo;
  beforeEach(() => {
    demo = new Demo();
  });
  afterEach(() => demo.end());

  test('plays the outage until the safety monitor ends it, and tells the cascade in its order', async () => {
    const { code, stdout, stderr } = await finished(demo.child);
    expect(code, stdout + stderr).toBe(0);
    expect(stderr).not.toContain('Warning');
    const [verdict, report] = stdout.trimEnd().split('\n').slice(-2);
    expect(verdict).toBe('verdict: aborted');
    expect(report).toMatch(/^report: \.faultline\/runs\/\S+\/report\.html$/);

    const html = resolve(demo.cwd, report!.replace('report: ', ''));
    expect(statSync(html).size).toBeGreaterThan(10_000);
    const summary = JSON.parse(readFileSync(html.replace(/html$/, 'json'), 'utf8')) as Summary;
    const left = summary.cascade.left.map((row) => row.probe);
    expect(left.filter((probe) => STAGES.includes(probe))).toEqual(STAGES);
    expect(summary.cascade.faulted.map((one) => one.proxy)).toEqual(['openai']);
    expect(summary.rollback?.proven).toBe(true);
    expect(summary.times.recovered).toBe(true);
    expect(summary.injection.every((row) => row.injected > 0)).toBe(true);
    expect(leftovers(demo.cwd, 'sk-sandbox-not-a-real-key')).toEqual([]);
    expect(await listening()).toEqual([]);
  }, 240_000);
});

/** How an outage of the provider spreads, first to last. */
const STAGES = [
  'ai-answers-in-time',
  'tasks-are-finished',
  'queue',
  'create-task',
  'memory-of-tasks',
  'read-workspace',
];

/** Files below a folder that hold a text. */
function leftovers(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
