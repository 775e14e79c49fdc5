import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { type Echo, roundTrip, startEcho } from '../../support/echo.ts';
import { finished, startScript } from '../../support/processes.ts';

const TOKEN = 'a-token-of-a-good-length';
const EXPERIMENT = `name: slow
hypothesis: It stays up.
steadyState: { baseline: 5s, probes: [{ name: web, http: { url: "http://127.0.0.1:9" }, expect: { status: 200 } }] }
steps: [{ name: s, duration: 5s, faults: [{ proxy: p, type: latency, attributes: { latency: 100 } }] }]
recovery: { within: 10s }
`;

let echo: Echo;
let folder: string;
let server: ProxyServer | undefined;
beforeAll(async () => {
  echo = await startEcho();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-doctor-'));
  mkdirSync(join(folder, 'experiments'));
  mkdirSync(join(folder, '.faultline'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => echo.close());

const write = (file: string, text: string, mode = 0o600) => writeFileSync(join(folder, file), text, { mode });

function doctor(args: readonly string[], env: Readonly<Record<string, string>>) {
  const options = { cwd: folder, env: { PATH: process.env.PATH, ...env } };
  return finished(startScript('src/cli/main.ts', ['doctor', ...args], options));
}

test('finds nothing in the way of a run through a data plane that runs, asks for its token, and has clients', async () => {
  const proxy = { name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream: echo.address } as const;
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [proxy], token: TOKEN });
  const { listen } = server.plane.proxy('p')!.declaration;
  await roundTrip(listen, 'hello');
  write(
    'faultline.yaml',
    `control: ${server.control}\nproxies: { p: { listen: "${listen}", upstream: "${echo.address}" } }\n`,
  );
  write('safety-limits.yaml', 'environment: { name: local, allowed: [local] }\n');
  write('experiments/slow.yaml', EXPERIMENT);
  write('token', `${TOKEN}\n`);

  const { code, stdout, stderr } = await doctor([], { FAULTLINE_CONTROL_TOKEN_FILE: join(folder, 'token') });

  expect(stderr).toBe('');
  expect(stdout).not.toMatch(/^✗/m);
  for (const line of [
    `✓ control address: our data plane runs at ${server.control}`,
    `✓ listen addresses: proxy "p" has ${listen}`,
    `✓ upstreams: proxy "p" reaches ${echo.address}`,
    '✓ clients: 1 connection came through proxy "p"',
    '✓ experiments: 1 of 1 in experiments are valid',
    '✓ kill switch: off',
    '✓ runs: none was left unfinished',
  ])
    expect(stdout).toContain(line);
  expect(stdout).toMatch(/A run would begin.*\n$/);
  expect(stdout).not.toContain(TOKEN);
  expect(code).toBe(0);
});

test('names everything that would be in the way of a run, with what to do, and no secret', async () => {
  const run = join(folder, '.faultline/runs/20261121-093000-slow-ab12');
  mkdirSync(run, { recursive: true });
  const owner = { pid: 2 ** 22 + 5, startTime: '1', bootId: 'another-boot' };
  const started = { n: 1, type: 'run-started', run: '20261121-093000-slow-ab12', owner };
  writeFileSync(join(run, 'journal.jsonl'), `${JSON.stringify(started)}\n`);
  write(
    'faultline.yaml',
    `control: 0.0.0.0:0\nproxies: { p: { listen: "${echo.address}", upstream: "127.0.0.1:1" } }\n`,
  );
  write('safety-limits.yaml', 'reach: { toxicty: 10% }\n');
  write('experiments/slow.yaml', EXPERIMENT.replace('latency,', 'latncy,'));
  write(
    'schedules.yaml',
    'schedules: [{ name: n, cron: "0 9 * * *", zone: Mars/Olympus, experiment: slow }]\n',
  );
  write('.faultline/STOP', '');
  write('notify.yaml', 'notify: [{ kind: webhook, url: "${HOOK}", secret: { file: nowhere } }]\n');
  write('.faultline/tokens.json', '{"tokens":[]}', 0o644);

  const { code, stdout } = await doctor(['--json', '--control-plane', '127.0.0.1:1'], {
    HOOK: 'https://hook.example/hush-hush',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1/hush-hush',
    FAULTLINE_DATABASE_URL: 'postgres://ada:hush-hush@127.0.0.1:1/faultline',
  });

  const { passes, findings } = JSON.parse(stdout) as {
    passes: boolean;
    findings: { check: string; level: string; says: string; remedy?: string }[];
  };
  const of = (level: string) => findings.filter((one) => one.level === level);
  const refusedBy = new Set(of('refused').map(({ check }) => check));
  for (const check of [
    'safety-limits.yaml',
    'experiments',
    'schedules',
    'listen addresses',
    'upstreams',
    'kill switch',
    'exposure',
  ])
    expect(refusedBy, check).toContain(check);
  const warnings = of('warning').map(({ check }) => check);
  expect(warnings).toEqual(
    expect.arrayContaining(['runs', 'notifications', 'database', 'control plane', 'traces', 'exposure']),
  );
  for (const finding of findings) expect(finding.level === 'ok' || finding.remedy, finding.says).toBeTruthy();
  expect(findings.map(({ says }) => says)).toContain(
    'webhook-1 (webhook) cannot be told: file nowhere cannot be read: ENOENT',
  );
  expect(findings.map(({ says }) => says)).toContainEqual(expect.stringContaining('Did you mean "toxicity"'));
  expect(stdout).not.toMatch(/hush-hush|ada/);
  expect(passes).toBe(false);
  expect(code).toBe(6);
});
