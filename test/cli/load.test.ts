import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLoad } from '../../src/cli/load/read.ts';
import { systemClock } from '../../src/core/clock.ts';
import { findResult } from '../../src/load/result/keep.ts';
import { runLoad } from '../../src/load/run.ts';
import { gateLoad } from '../../src/safety/gates/load.ts';
import { finished, startScript } from '../support/processes.ts';

const FILE = `
stages: [{ name: all, for: 1s, rate: 40 }]
scenarios: [{ name: read, requests: [{ path: "/", expect: { json: { ok: true } } }] }]
thresholds: [{ errorRate: "== 0%", throughput: "> 1/s" }, { scenario: read, p95: "< 60s" }]
`;

const SECRET = `
target: http://127.0.0.1:1
stages: [{ for: 1s, users: 1 }]
scenarios: [{ name: read, requests: [{ path: /, body: "\${TOKEN}" }] }]
`;

describe('faultline load', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'faultline-load-'));
  let server: Server;
  let target: string;
  beforeAll(async () => {
    server = createServer((_, response) => response.end('{"ok":true}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(join(cwd, 'load.yaml'), FILE);
    writeFileSync(join(cwd, 'secret.yaml'), SECRET);
  });
  afterAll(() => {
    server.close();
    rmSync(cwd, { recursive: true, force: true });
  });

  test('sends what its file says, writes its results, and ends with verdict and report', async () => {
    const args = ['load', '--file', 'load.yaml', '--target', target];
    const { code, stdout, stderr } = await finished(startScript('src/cli/main.ts', args, { cwd }));
    expect([code, stderr]).toEqual([0, '']);
    const [verdict, report] = stdout.trim().split('\n').slice(-2);
    expect(verdict).toBe('verdict: held');
    expect(report).toMatch(/^report: \.faultline\/loads\/[\d-]+-own-\w{4}\/report\.html$/);
    const [id] = readdirSync(join(cwd, '.faultline/loads'));
    const folder = join(cwd, '.faultline/loads', id!);
    expect(readdirSync(folder).sort()).toEqual(['figures.csv', 'report.html', 'result.json', 'windows.csv']);
    const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
    expect(result).toMatchObject({ v: 1, profile: 'own', verdict: 'held', exit: 0, comparison: null });
    expect(result.summary.requests).toBeGreaterThanOrEqual(40);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('3 thresholds met.');
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(page).not.toMatch(/<script|NaN|undefined/);
  });

  const ask = async (flags: Parameters<typeof readLoad>[0]) => {
    const { spec, limits } = readLoad(flags, cwd);
    const environment = {};
    await gateLoad({
      load: spec,
      durationMs: 1,
      limits,
      cwd,
      environment,
      clock: systemClock,
      approvals: [],
    });
    await runLoad({ spec, clock: systemClock, environment, allowed: [] });
  };
  const nowhere = 'http://127.0.0.1:1';

  test.each([
    [
      'a public target',
      { profile: 'baseline', target: 'http://8.8.8.8/' },
      6,
      'The load was not sent, targets allowed: load: host "8.8.8.8" is public',
    ],
    [
      'more than its limits allow',
      { profile: 'stress', target: nowhere },
      6,
      'reach within limits: the experiment goes beyond safety-limits.yaml: 150 connections of load',
    ],
    [
      'nothing that listens',
      { profile: 'baseline', target: nowhere },
      6,
      'The target of the load, http://127.0.0.1:1, cannot be reached: ECONNREFUSED.',
    ],
    ['no target', { profile: 'baseline' }, 2, 'say where the load goes, with --target URL'],
    [
      'a target of another kind',
      { profile: 'spike', target: 'ftp://127.0.0.1' },
      2,
      '"ftp://127.0.0.1" is not valid',
    ],
    [
      'a number that is none',
      { profile: 'spike', target: nowhere, users: 'many' },
      2,
      '"many" is not valid for --users',
    ],
    [
      'no time at all',
      { profile: 'spike', target: nowhere, timeScale: '0' },
      2,
      '"0" is not valid for --time-scale',
    ],
    [
      'a file whose parts do not fit',
      { file: 'load.yaml', target: 'redis://127.0.0.1:1' },
      2,
      'load.yaml:3:12: scenarios: scenario "read" has no Redis command',
    ],
    [
      'a variable where none is expanded',
      { file: 'secret.yaml' },
      2,
      'secret.yaml:4:55: "${TOKEN}" would not be expanded',
    ],
  ])('is refused with %s', async (_, flags, exitCode, sentence) => {
    const refusal = await ask(flags).catch((error: Error) => error);
    expect(String(refusal)).toContain(sentence);
    expect(refusal).toMatchObject({ exitCode });
  });

  test('is compared with nothing where there is nothing', () => {
    expect(() => findResult(cwd, 'last', 'soak')).toThrow('none of profile "soak" is below');
    expect(() => findResult(cwd, 'load.yaml', 'soak')).toThrow('no such file or id');
  });
});
