import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifyDataPlane, proxiesDiffer } from '../../src/drivers/embedded/index.ts';
import { loadPlan } from '../../src/experiments/load.ts';
import { Demo, listening } from '../support/demo.ts';
import { finished, startScript } from '../support/processes.ts';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';

describeWithRedis('the demo, interrupted,', () => {
  let demo: Demo;
  beforeEach(() => {
    demo = new Demo();
  });
  afterEach(() => demo.end());

  test('takes everything back and leaves nothing behind on Ctrl-C', async () => {
    let said = '';
    demo.child.stdout!.on('data', (text) => {
      said += text;
    });
    await until('faults are in force', () => said.includes('step 1 of 3'), 90_000);
    demo.child.kill('SIGINT');
    const { code, stdout } = await finished(demo.child);
    expect(code).toBe(130);
    expect(stdout).toContain('rollback proven');
    expect(stdout).toContain('verdict: inconclusive');
    expect(await listening()).toEqual([]);
  }, 180_000);

  test('leaves nothing behind on Ctrl-C while it is still starting', async () => {
    await until('services start', () => listening().then((ports) => ports.length > 0), 60_000);
    demo.child.kill('SIGINT');
    expect((await finished(demo.child)).code).toBe(130);
    expect(await listening()).toEqual([]);
  }, 120_000);
});

describeWithRedis('the sandbox', () => {
  test('stays up behind its proxies until Ctrl-C, where runs find its data plane, and leaves nothing behind', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'faultline-sandbox-'));
    const args = ['sandbox', '--build', 'resilient', '--without', 'breaker'];
    const child = startScript('src/cli/main.ts', args, { cwd });
    try {
      let said = '';
      child.stdout!.on('data', (text) => {
        said += text;
      });
      await until('it is up', () => said.includes('Ctrl-C ends it'), 90_000);
      expect(said).toContain('patterns: all,-breaker');
      expect(said).toMatch(/export DATABASE_URL='postgres:/);
      const declared = loadPlan({ file: resolve('experiments/rate-limit-storm.yaml') }).plan;
      const plane = await identifyDataPlane(declared.control);
      expect(plane.kind === 'ours' && proxiesDiffer(declared.proxies, plane.proxies)).toBe(undefined);
    } finally {
      child.kill('SIGINT');
      const { code } = await finished(child);
      rmSync(cwd, { recursive: true, force: true });
      expect(code).toBe(0);
    }
    expect(await listening()).toEqual([]);
  }, 120_000);
});
