import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { JOURNAL_VERSION } from '../../src/core/journal.ts';
import { explainPlan } from '../../src/experiments/explain.ts';
import { loadPlan } from '../../src/experiments/load.ts';
import { besideLeaseMs, takeBackBeside } from '../../src/experiments/recover/beside.ts';
import type { UnfinishedRun } from '../../src/experiments/recover/survey.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { Lab } from '../support/experiment.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { freePort } from '../support/free-port.ts';
import { lacksTool, type Service, startPostgres, startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';

/** An experiment whose first step has `faults`, with `drivers` beside a data plane of one proxy. */
function write(
  lab: Lab,
  drivers: string,
  faults: string,
  more: { expect?: string; probes?: string } = {},
): string {
  const file = join(lab.folder, 'experiment.yaml');
  writeFileSync(
    file,
    `name: beside
title: Beside
hypothesis: Readers notice nothing.
proxies:
  web: { protocol: tcp, listen: "127.0.0.1:${lab.proxyPort}", upstream: "127.0.0.1:${lab.upstreamPort}" }
drivers:
${drivers}
steadyState:
  baseline: 1500ms
  probes:
    - name: read
      http: { url: "http://127.0.0.1:${lab.proxyPort}/" }
      every: 50ms
      timeout: 500ms
      window: 1s
      expect: { status: 200, errorRate: "< 50%" }
steps:
  - name: only
    duration: 1500ms
${more.expect ?? ''}
    faults:
${faults}
recovery: { within: 5s }
`,
  );
  return file;
}
const problemsOf = (lab: Lab, file: string): string[] => {
  try {
    loadPlan({ file, cwd: lab.folder });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^.*experiment\.yaml:/, ''));
  }
};

let lab: Lab;
beforeEach(async () => {
  lab = new Lab();
  await lab.open();
});
afterEach(() => lab.close());

describe('a file that names drivers', () => {
  test('is told what no driver can do, each with its place', () => {
    const file = write(
      lab,
      `  db: { driver: postgres-admin, url: "\${DATABASE_URL}" }
  lab: { driver: toxiproxy, control: "127.0.0.1:8475" }`,
      `      - { driver: bd, type: pg_terminate }
      - { driver: db, type: redis_client_kill }
      - { driver: lab, proxy: web, type: http_error }
      - { driver: lab, proxy: web, type: latency, match: { client: 10.0.0.1 } }
      - { driver: db, type: pg_lock_table, toxicity: 50%, attributes: { table: t, hold: 1s } }
      - { type: pg_terminate }`,
    );
    lab.limits('env: [DATABASE_URL]\n');
    expect(problemsOf(lab, file)).toEqual([
      expect.stringMatching(/^28:9: steps\[0\]\.faults\[5\] needs "driver"/),
    ]);
    const text = lab.files().get(file)!;
    writeFileSync(file, text.replace('      - { type: pg_terminate }\n', ''));
    expect(problemsOf(lab, file)).toMatchObject([
      expect.stringMatching(/^19:5: Driver "lab" \(toxiproxy\) cannot count.*step "only"/),
      expect.stringMatching(/^23:19: Driver "bd" is not declared\. Did you mean "db"/),
      expect.stringMatching(/^24:29: Driver "db" \(postgres-admin\) cannot apply "redis_client_kill"/),
      expect.stringMatching(/^25:42: Driver "lab" \(toxiproxy\) cannot apply "http_error"/),
      expect.stringMatching(/^26:42: Driver "lab" \(toxiproxy\) cannot apply "latency": .*"client"/),
      expect.stringMatching(/^27:29: Driver "db" \(postgres-admin\) cannot apply "pg_lock_table": .*100%/),
    ]);
  });

  test('is held against targets and variables of the limits', () => {
    const file = write(
      lab,
      `  db: { driver: postgres-admin, url: "\${OTHER_URL}" }
  cache: { driver: redis-admin, url: "redis://cache.prod.example:6379" }`,
      '      - { driver: cache, type: redis_client_pause }',
    );
    lab.limits('targets: { deny: ["*.prod.example"] }\n');
    expect(problemsOf(lab, file)).toEqual([
      expect.stringMatching(/^7:\d+: Variable "OTHER_URL" may not be read/),
      expect.stringMatching(/^8:\d+: Host "cache.prod.example" is denied/),
    ]);
  });

  test('is explained in the dry run, without its secrets', () => {
    const file = write(
      lab,
      `  db: { driver: postgres-admin, url: "postgres://me:hunter2@127.0.0.1:5432/app" }
  lab: { driver: toxiproxy, control: "127.0.0.1:8475" }`,
      `      - { driver: db, type: pg_terminate, toxicity: 25%, attributes: { application: "api-*" } }
      - { driver: lab, proxy: redis, type: latency, attributes: { latency: { from: 0, to: 1s } } }`,
      { expect: '    expect: { injected: unproven }' },
    );
    const { plan, limits } = loadPlan({ file, cwd: lab.folder });
    const text = explainPlan(plan, limits);
    expect(text).toContain('db   postgres-admin');
    expect(text).toMatch(
      /db: end the sessions with application_name api-\* on the server, on 25% of\s+sessions/,
    );
    expect(text).toMatch(/lab\/redis: delay each chunk by 0 µs → 1 s/);
    expect(text).toMatch(/cannot be\s+undone/);
    expect(text).not.toContain('hunter2');
  });
});

describe('a run over a data plane, a Toxiproxy server and a database', () => {
  let toxiproxy: ProxyServer;
  let postgres: Service;

  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  beforeEach(async () => {
    toxiproxy = await startProxyServer({
      control: '127.0.0.1:0',
      proxies: [{ name: 'redis', protocol: 'tcp', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' }],
    });
    lab.limits('env: [DATABASE_URL]\nreach: { proxies: 5 }\n');
  });
  afterEach(() => toxiproxy.close());
  afterAll(() => postgres.stop());

  const drivers = () => `  db: { driver: postgres-admin, url: "\${DATABASE_URL}" }
  lab: { driver: toxiproxy, control: "${toxiproxy.control}" }`;
  const environment = () => ({ DATABASE_URL: postgres.url });

  test('holds faults of all of them, takes all back and proves it', async () => {
    const victim = new pg.Client({ connectionString: postgres.url, application_name: 'api' });
    victim.on('error', () => {});
    await victim.connect();
    const ended = new Promise((resolve) => victim.once('end', resolve));
    const file = write(
      lab,
      drivers(),
      `      - { proxy: web, type: latency, attributes: { latency: 5 } }
      - { driver: db, type: pg_terminate, attributes: { application: api } }
      - { driver: db, type: pg_hold_connections, attributes: { connections: 2 } }
      - { driver: lab, proxy: redis, type: timeout }`,
      { expect: '    expect: { injected: unproven }' },
    );
    const running = lab.run(file, { environment: environment() });
    await until('the toxic is in force', () => toxiproxy.plane.proxy('redis')!.toxics.length === 1, 30_000);
    await ended;
    const result = await running;
    expect(result).toMatchObject({ verdict: 'held', exit: 0 });
    expect(toxiproxy.plane.proxy('redis')!.toxics).toEqual([]);
    const proof = lab.of('rollback-proof')[0]?.proof;
    expect(proof).toMatchObject({
      proven: true,
      empty: true,
      held: null,
      drivers: [
        { driver: 'embedded', empty: true, held: 0 },
        { driver: 'db', empty: true, held: 0 },
        { driver: 'lab', empty: true, held: null },
      ],
    });
    expect(proof?.notUndone).toEqual(
      expect.arrayContaining([
        '1 session was ended by pg_terminate on db',
        'connections that timeout on lab/redis ended, which nobody counted',
      ]),
    );
    expect(lab.of('step-ended')[0]?.counts).toMatchObject([
      { proxy: 'web' },
      { driver: 'db', injected: 1 },
      { driver: 'db', injected: 2 },
      { driver: 'lab', proxy: 'redis', uncounted: true },
    ]);
    for (const text of lab.files().values()) expect(text).not.toContain(postgres.url);
  });

  test('is refused before anything is injected when a driver cannot do its part', async () => {
    const file = write(
      lab,
      drivers(),
      `      - { driver: lab, proxy: redis, type: latency, attributes: { latency: 5 } }
      - { driver: db, type: pg_lock_table, attributes: { table: nope, hold: 1s } }`,
      { expect: '    expect: { injected: unproven }' },
    );
    const result = await lab.run(file, { environment: environment() });
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 6 });
    expect(lab.of('gate-refused')).toMatchObject([
      { gate: 'faults possible', reason: expect.stringMatching(/"db".*no table "nope"/) },
    ]);
    expect(lab.of('step-intended')).toEqual([]);
    expect(toxiproxy.plane.proxy('redis')!.toxics).toEqual([]);
  });

  test('is refused when a Toxiproxy server has toxics set by hand', async () => {
    await toxiproxy.plane.proxy('redis')!.disable();
    const file = write(lab, drivers(), '      - { driver: lab, proxy: redis, type: latency }', {
      expect: '    expect: { injected: unproven }',
    });
    const result = await lab.run(file, { environment: environment() });
    expect(result.exit).toBe(6);
    expect(lab.of('gate-refused')).toMatchObject([
      { gate: 'no manual toxics', reason: expect.stringContaining('"lab/redis"') },
    ]);
  });

  test('proves its rollback by the end of a Toxiproxy server that held the toxics in memory', async () => {
    const file = write(lab, drivers(), '      - { driver: lab, proxy: redis, type: latency }', {
      expect: '    expect: { injected: unproven }',
    });
    const running = lab.run(file, { environment: environment() });
    await until('the toxic is in force', () => toxiproxy.plane.proxy('redis')!.toxics.length === 1, 30_000);
    await toxiproxy.close();
    const result = await running;
    expect(result).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(lab.of('rollback-proof')[0]?.proof).toMatchObject({
      proven: true,
      drivers: [
        {},
        {},
        { driver: 'lab', empty: true, remark: expect.stringMatching(/^its server has ended/) },
      ],
    });
    // The watchdog still tries, should it come back, and ends once it sees that nothing of the run is left.
    const empty = createServer((_, response) => response.end('{}'));
    empty.listen(Number(toxiproxy.control.split(':').at(-1)), '127.0.0.1');
    await once(empty, 'request');
    empty.close();
  });

  test('does not prove its rollback when a Toxiproxy server answers no more', async () => {
    const file = write(lab, drivers(), '      - { driver: lab, proxy: redis, type: latency }', {
      expect: '    expect: { injected: unproven }',
    });
    const running = lab.run(file, { environment: environment() });
    await until('the toxic is in force', () => toxiproxy.plane.proxy('redis')!.toxics.length === 1, 30_000);
    await toxiproxy.close();
    const port = Number(toxiproxy.control.split(':').at(-1));
    const silent = createServer().listen(port, '127.0.0.1');
    const result = await running;
    expect(result.exit).toBe(4);
    expect(result.sentence).toMatch(/"lab"/);
    // The watchdog still tries, and ends once it sees that nothing of the run is left.
    silent.on('request', (_, response) => response.end('{}'));
    await once(silent, 'request');
    silent.close();
    silent.closeAllConnections();
  }, 60_000);
});

describe('a run whose process died', () => {
  const toxic = (name: string) => ({
    name,
    type: 'latency',
    stream: 'upstream' as const,
    toxicity: 1,
    attributes: { latency: 0, jitter: 0 },
  });

  /** What is known of a dead run that had applied faults through a Toxiproxy server. */
  function dead(control: string): UnfinishedRun {
    const file = write(
      lab,
      `  lab: { driver: toxiproxy, control: "${control}" }`,
      '      - { driver: lab, proxy: p, type: latency }',
      {
        expect: '    expect: { injected: unproven }',
      },
    );
    const { plan } = loadPlan({ file, cwd: lab.folder });
    const owner = { pid: 1, startTime: '', bootId: '' };
    const at = { v: JOURNAL_VERSION, t: new Date(0).toISOString(), mono: 0 } as const;
    return {
      run: 'r1',
      folder: lab.folder,
      owner,
      events: [
        { type: 'run-started', run: 'r1', plan, version: '', owner, n: 1, ...at },
        { type: 'step-intended', step: 0, name: 'only', epoch: 1, faults: [], n: 2, ...at },
      ],
    };
  }

  test('leaves no toxic on a Toxiproxy server once it is recovered, and those of others alone', async () => {
    const server = await startProxyServer({
      control: '127.0.0.1:0',
      proxies: [{ name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' }],
    });
    const proxy = server.plane.proxy('p')!;
    for (const name of ['faultline~r1~1~1.1', 'faultline~r10~1~1.1', 'by-hand']) proxy.addToxic(toxic(name));
    expect(await takeBackBeside(dead(server.control))).toEqual([{ driver: 'lab', empty: true, held: null }]);
    expect(proxy.toxics.map(({ name }) => name)).toEqual(['faultline~r10~1~1.1', 'by-hand']);
    await server.close();
    expect(await takeBackBeside(dead(server.control))).toEqual([
      { driver: 'lab', empty: true, held: null, remark: expect.stringMatching(/^its server has ended/) },
    ]);
  });

  test('may have left toxics where its Toxiproxy server does not answer, or is another machine', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const left = { driver: 'lab', empty: false, reason: expect.stringMatching(/"lab" may have toxics left/) };
    expect(await takeBackBeside(dead(`127.0.0.1:${port}`))).toMatchObject([left]);
    silent.closeAllConnections();
    silent.close();
    lab.limits('targets: { allow: [toxiproxy.invalid] }\n');
    expect(await takeBackBeside(dead('toxiproxy.invalid:8474'))).toMatchObject([left]);
  });

  test('is not over before its lease is, where it held something on a database', () => {
    const clock = new FakeClock();
    const run = dead('127.0.0.1:1');
    const withCache = (events: UnfinishedRun['events']): UnfinishedRun => ({
      ...run,
      events: events.map((event) =>
        event.type === 'run-started'
          ? {
              ...event,
              plan: {
                ...event.plan,
                drivers: [{ name: 'cache', driver: 'redis-admin', url: 'redis://127.0.0.1' }],
              },
            }
          : event.type === 'step-intended'
            ? {
                ...event,
                t: new Date(clock.wall()).toISOString(),
                leaseMs: 10_000,
                faults: [{ driver: 'cache', proxy: 'cache', type: 'redis_client_pause' }],
              }
            : event,
      ),
    });
    const held = withCache(run.events);
    expect(besideLeaseMs(run, clock)).toBe(0);
    expect(besideLeaseMs(held, clock)).toBe(11_500);
    clock.advance(11_000);
    expect(besideLeaseMs(held, clock)).toBe(500);
    clock.advance(500);
    expect(besideLeaseMs(held, clock)).toBe(0);
  });
});

describe.skipIf(lacksTool('redis-server'))('a run with no proxy at all', () => {
  test('acts on a server by its own commands, and counts what it did', async () => {
    const redis = await startRedis({ port: await freePort() });
    const file = write(
      lab,
      `  cache: { driver: redis-admin, url: "${redis.url}" }`,
      '      - { driver: cache, type: redis_client_pause }',
    );
    const result = await lab.run(file);
    await redis.stop();
    expect(result).toMatchObject({ verdict: 'held', exit: 0 });
    expect(lab.of('step-ended')).toMatchObject([
      { counts: [{ driver: 'cache', injected: 1 }], injectedMet: true },
    ]);
  });
});
