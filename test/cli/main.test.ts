import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finished, finished, startScript } from '../support/processes.ts';

const root = resolve(import.meta.dirname, '../..');
const VERBS = [
  'run',
  'plan',
  'limits',
  'validate',
  'proxy',
  'load',
  'halt',
  'recover',
  'audit',
  'faults',
  'report',
  'init',
  'demo',
  'sandbox',
];

describe('the command line', () => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'faultline-cli-'));
    // Nothing else of this machine is asked.
    writeFileSync(join(cwd, 'faultline.yaml'), 'control: 127.0.0.1:9\n');
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  const faultline = (...args: string[]): Promise<Finished> =>
    finished(startScript('src/cli/main.ts', args, { cwd }));

  test('lists every verb, and each shows an example', async () => {
    const help = await finished(startScript('src/cli/main.ts', ['--help'], { cwd }));
    expect(help.code).toBe(0);
    for (const verb of VERBS) expect(help.stdout).toMatch(new RegExp(`^  ${verb}\\b`, 'm'));
    const each = await Promise.all(VERBS.map((verb) => faultline(verb, '--help')));
    for (const { stdout } of each) expect(stdout).toMatch(/Examples?:\n {2}\$ faultline/);
  });

  test.each([
    [['rnu'], "unknown command 'rnu'\n(Did you mean run?)"],
    [['run'], "missing required argument 'experiment'"],
    [['run', 'nofile.yaml'], 'Cannot read nofile.yaml: there is no such file. Check the path.'],
    [['faults', 'latencyy'], 'There is no fault of type "latencyy". Did you mean "latency"?'],
    [['faults', 'pg_terminat'], 'There is no fault of type "pg_terminat". Did you mean "pg_terminate"?'],
    [['report', 'last'], 'There is no run "last"'],
    [
      ['load', 'spikes', '--target', 'http://127.0.0.1:1'],
      'There is no load profile "spikes". Did you mean "spike"?',
    ],
  ])('ends %j with exit code 2 and a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await faultline(...args);
    expect(stderr).toContain(sentence);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('tells every problem of a file with its place, and runs nothing of it', async () => {
    writeFileSync(
      join(cwd, 'bad.yaml'),
      readFileSync(join(root, 'experiments/openai-outage-cascade.yaml'), 'utf8')
        .replace('type: blackhole', 'type: blackhoel')
        .replace('toxicity: 30%', 'toxicity: 130%'),
    );
    for (const verb of ['validate', 'plan', 'run']) {
      const { code, stderr } = await faultline(verb, 'bad.yaml');
      expect(stderr).toMatch(/^bad\.yaml:\d+:\d+: .*"130%" is not a share/m);
      expect(stderr).toMatch(
        /^bad\.yaml:\d+:\d+: There is no fault of type "blackhoel"\. Did you mean "blackhole"\?/m,
      );
      expect(code).toBe(2);
    }
    expect(existsSync(join(cwd, '.faultline'))).toBe(false);
  });

  test('explains limits with the exit code of the gates that a run would meet', async () => {
    const file = (name: string, text: string) => {
      writeFileSync(join(cwd, name), text);
      return name;
    };
    const experiment = file(
      'margin.yaml',
      `name: margin
hypothesis: It holds.
proxies: { web: { protocol: tcp, listen: "127.0.0.1:0", upstream: "127.0.0.1:1" } }
steadyState: { probes: [{ name: read, http: { url: "http://127.0.0.1:1/" } }] }
steps: [{ name: one, duration: 5s, faults: [{ proxy: web, type: latency, toxicity: 60%, attributes: { latency: 1s } }] }]
`,
    );
    const open = file('open.yaml', 'environment: { name: local }\nspend: { extraRequests: 5 }\n');
    const shut = file('shut.yaml', 'environment: { name: production }\n');
    const broken = file('broken.yaml', 'reach: { toxicity: 120% }\n');
    const passed = await faultline('limits', experiment, '--limits', open, '--json');
    expect(passed.code).toBe(0);
    expect(JSON.parse(passed.stdout)).toMatchObject({
      experiment,
      passes: true,
      limits: expect.arrayContaining([
        { limit: 'reach.toxicity', value: '100%', source: 'built-in', margin: '60% of 100%: 40% left' },
        { limit: 'spend.extraRequests', value: '5', source: open, margin: 'watched during the run' },
      ]),
    });
    const refused = await faultline('limits', experiment, '--limits', shut);
    expect(refused.code).toBe(6);
    expect(refused.stdout).toMatch(/NO +environment allowed +environment "production" is not one/);
    expect((await faultline('limits', '--limits', shut)).code).toBe(0);
    const invalid = await faultline('limits', experiment, '--limits', broken);
    expect(invalid).toMatchObject({ code: 2, stdout: '' });
    expect(invalid.stderr).toContain('broken.yaml:1:20: reach.toxicity: "120%" is not a share');
  }, 30_000);

  test('lists what drivers add to the catalogue, with units and what cannot be undone', async () => {
    const { code, stdout } = await faultline('faults');
    expect(code).toBe(0);
    const [plane, toxiproxy, postgres, redis] = stdout.split(/^By /m).slice(1);
    expect(plane).toMatch(/^the data plane:\n[\s\S]*^ {2}latency +Delays/m);
    expect(toxiproxy).toMatch(/^driver toxiproxy, .*\n {2}bandwidth, down, latency/);
    expect(postgres).toMatch(/^driver postgres-admin, [\s\S]*pg_lock_table .*\n.*hold \(ms\)/);
    expect(postgres).toMatch(/pg_terminate[\s\S]*taken back: cannot be undone/);
    expect(redis).toMatch(/^driver redis-admin, [\s\S]*redis_client_pause/);
  });

  test('tells a fault of a driver in full', async () => {
    const { stdout } = await faultline('faults', 'redis_client_kill');
    expect(stdout).toMatch(/acts on +clients\n +toxicity +the share of clients .*\n +driver +redis-admin\n/);
    expect(stdout).toMatch(/taken back +cannot be undone/);
    expect(stdout).toMatch(/type .*\(any, normal, pubsub, replica, master\); in choice, default "any"/);
    expect((await faultline('faults', 'latency')).stdout).toMatch(
      /driver +none: the data plane, or toxiproxy/,
    );
  });

  test('writes a starter experiment once, and it is valid', async () => {
    expect((await faultline('init', 'mine.yaml')).code).toBe(0);
    const { code, stdout, stderr } = await faultline('validate', 'mine.yaml');
    expect(stdout + stderr).toContain('mine.yaml: valid');
    expect(code).toBe(0);
    const again = await faultline('init', 'mine.yaml');
    expect(again.stderr).toContain('Cannot write mine.yaml');
    expect(again.code).toBe(2);
  });

  test('plans without touching anything, for people and for machines', async () => {
    const file = join(root, 'experiments/openai-outage-cascade.yaml');
    const people = await faultline('plan', file);
    expect(people.stdout).toContain('accept connections without dialling the upstream');
    expect(Math.max(...people.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    const machines = await faultline('plan', file, '--json');
    expect(JSON.parse(machines.stdout).steps.map((step: { name: string }) => step.name)).toEqual([
      'slow first token',
      'rate-limit storm',
      'dark',
    ]);
    expect(existsSync(join(cwd, '.faultline'))).toBe(false);
  });

  test('halts by the stop file even where no data plane answers, and refuses runs until that is lifted', async () => {
    const halt = await faultline('halt', '--reason', 'a real incident');
    expect(halt.code).toBe(0);
    expect(readFileSync(join(cwd, '.faultline/STOP'), 'utf8')).toContain('a real incident');

    const run = await faultline('run', 'mine.yaml');
    expect(run.code).toBe(6);
    expect(run.stdout).toContain('the gate "no kill switch" says no');
    expect(run.stdout).toMatch(/verdict: inconclusive\nreport: .+report\.html\n$/);

    expect((await faultline('halt', '--lift')).code).toBe(0);
    expect(existsSync(join(cwd, '.faultline/STOP'))).toBe(false);
  });

  test('writes an old run again from its journal', async () => {
    const { code, stdout } = await faultline('report', 'last');
    expect(code).toBe(0);
    expect(existsSync(stdout.trim().replace('report: ', ''))).toBe(true);
  });
});
