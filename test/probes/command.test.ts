import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProbeSpec } from '../../src/core/plan.ts';
import type { Probe } from '../../src/core/ports.ts';
import { createProbe } from '../../src/probes/index.ts';
import { until } from '../support/until.ts';

let folder = '';
const probes: Probe[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-command-'));
});
afterEach(async () => {
  for (const probe of probes.splice(0)) await probe.close();
  rmSync(folder, { recursive: true });
});

function probing(
  run: readonly string[],
  rest: { timeoutMs?: number; env?: Record<string, string>; environment?: NodeJS.ProcessEnv } = {},
): Probe {
  const { timeoutMs = 10_000, env = {}, environment = process.env } = rest;
  const spec: ProbeSpec = {
    name: 'check',
    kind: 'command',
    run,
    env,
    everyMs: 1000,
    timeoutMs,
    windowMs: 10_000,
    expect: [],
  };
  const probe = createProbe(spec, { environment, allowed: ['TOKEN'] });
  probes.push(probe);
  return probe;
}

const measure = (probe: Probe) => probe.measure(new AbortController().signal);
const out = () => join(folder, 'out');
const written = () => {
  try {
    return readFileSync(out(), 'utf8');
  } catch {
    return '';
  }
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie is dead, and only waits to be collected.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a command probe', () => {
  test.each([0, 1, 7])('gives exit code %d as its value', async (code) => {
    expect(await measure(probing(['sh', '-c', `exit ${code}`]))).toMatchObject({ ok: true, value: code });
  });

  test('hands over its arguments as they are, with no shell in between', async () => {
    await measure(
      probing([
        'node',
        '-e',
        'require("fs").writeFileSync(process.argv[1], process.argv[2])',
        out(),
        '$(id) `id` ; * "',
      ]),
    );
    expect(written()).toBe('$(id) `id` ; * "');
  });

  test('gives the command its own variables, a path, and no other of the controller', async () => {
    const environment = { PATH: process.env.PATH, OPENAI_API_KEY: 'sk-marked', TOKEN: 'for-the-check' };
    const probe = probing(['sh', '-c', `env > ${out()}`], { env: { CHECK: '${TOKEN}' }, environment });
    expect(await measure(probe)).toMatchObject({ value: 0 });
    expect(written()).toContain('CHECK=for-the-check');
    expect(written()).not.toContain('sk-marked');
  });

  test('kills a command that hangs at the time-out, with all that it started', async () => {
    const probe = probing(['sh', '-c', `sleep 300 & echo $$ $! > ${out()}; wait`], { timeoutMs: 1000 });
    const sample = await measure(probe);
    expect(sample).toMatchObject({ ok: false, reason: 'no answer within 1 s' });
    const pids = written().trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await until('both are gone', () => pids.every((pid) => !isAlive(pid)));
  });

  test('kills what a command left in the background', async () => {
    await measure(probing(['sh', '-c', `sleep 300 & echo $! > ${out()}`]));
    const pid = Number(written());
    expect(pid).toBeGreaterThan(0);
    await until('it is gone', () => !isAlive(pid));
  });

  test('kills what is under way when the probe is closed', async () => {
    const probe = probing(['sh', '-c', `echo $$ > ${out()}; exec sleep 300`], { timeoutMs: 60_000 });
    const sample = measure(probe);
    await until('it runs', () => written());
    await probe.close();
    expect(await sample).toMatchObject({ ok: false, reason: 'the command was ended by SIGKILL' });
  });

  test('says that a program is not there', async () => {
    expect(await measure(probing(['no-such-program-here']))).toMatchObject({
      ok: false,
      reason: 'the program was not found',
    });
  });
});
