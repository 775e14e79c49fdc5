import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifyDataPlane, proxiesDiffer } from '../../src/drivers/embedded/index.ts';
import { loadPlan } from '../../src/experiments/load.ts';
import type { Summary } from '../../src/report/summary.ts';
import { finished, startScript } from '../support/processes.ts';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';

const PORTS = [8474, 13000, 14010, 14011, 15431, 15432, 16378, 16379];

describeWithRedis('the demo', () => {
  let cwd: string;
  let child: ChildProcess;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'faultline-demo-'));
    child = startScript('src/cli/main.ts', ['demo'], { cwd });
  });
  afterEach(async () => {
    if (child.exitCode === null) {
      child.kill('SIGINT');
      await finished(child);
    }
    rmSync(cwd, { recursive: true, force: true });
  });

  test('plays the outage until the safety monitor ends it, and tells the cascade in its order', async () => {
    const { code, stdout, stderr } = await finished(child);
    expect(code, stdout + stderr).toBe(0);
    expect(stderr).not.toContain('Warning');
    const [verdict, report] = stdout.trimEnd().split('\n').slice(-2);
    expect(verdict).toBe('verdict: aborted');
    expect(report).toMatch(/^report: \.faultline\/runs\/\S+\/report\.html$/);

    const html = resolve(cwd, report!.replace('report: ', ''));
    expect(statSync(html).size).toBeGreaterThan(10_000);
    const summary = JSON.parse(readFileSync(html.replace(/html$/, 'json'), 'utf8')) as Summary;
    const left = summary.cascade.left.map((row) => row.probe);
    expect(left.filter((probe) => STAGES.includes(probe))).toEqual(STAGES);
    expect(summary.cascade.faulted.map((one) => one.proxy)).toEqual(['openai']);
    expect(summary.rollback?.proven).toBe(true);
    expect(summary.times.recovered).toBe(true);
    expect(summary.injection.every((row) => row.injected > 0)).toBe(true);
    expect(leftovers(cwd, 'sk-sandbox-not-a-real-key')).toEqual([]);
    expect(await listening()).toEqual([]);
  }, 240_000);

  test('takes everything back and leaves nothing behind on Ctrl-C', async () => {
    let said = '';
    child.stdout!.on('data', (text) => {
      said += text;
    });
    await until('faults are in force', () => said.includes('step 1 of 3'), 90_000);
    child.kill('SIGINT');
    const { code, stdout } = await finished(child);
    expect(code).toBe(130);
    expect(stdout).toContain('rollback proven');
    expect(stdout).toContain('verdict: inconclusive');
    expect(await listening()).toEqual([]);
  }, 180_000);

  test('leaves nothing behind on Ctrl-C while it is still starting', async () => {
    await until('services start', () => listening().then((ports) => ports.length > 0), 60_000);
    child.kill('SIGINT');
    expect((await finished(child)).code).toBe(130);
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

/** How an outage of the provider spreads, first to last. */
const STAGES = [
  'ai-answers-in-time',
  'tasks-are-finished',
  'queue',
  'create-task',
  'memory-of-tasks',
  'read-workspace',
];

async function listening(): Promise<number[]> {
  const open = await Promise.all(
    PORTS.map(
      (port) =>
        new Promise<boolean>((answer) => {
          const socket = connect({ host: '127.0.0.1', port }, () => {
            socket.destroy();
            answer(true);
          });
          socket.once('error', () => answer(false));
        }),
    ),
  );
  return PORTS.filter((_, index) => open[index]);
}

/** Files below a folder that hold a text. */
function leftovers(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
