import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DataPlane } from '../../src/proxy/contract.ts';
import { createHttpForwarder } from '../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-sentinel-'));
const children: ChildProcess[] = [];

async function server(name: string, config: string, ...more: readonly string[]): Promise<number> {
  const port = await freePort();
  const file = join(folder, `${name}.conf`);
  writeFileSync(file, `port ${port}\nbind 127.0.0.1\ndir ${folder}\n${config}`);
  children.push(spawn('redis-server', [file, ...more], { stdio: 'ignore' }));
  return port;
}

async function patient(port: number): Promise<Redis> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {});
  await client.ping();
  return client;
}

describeWithRedis('a Redis Sentinel behind a proxy', () => {
  let plane: DataPlane;
  const clients: Redis[] = [];
  /** Ports of the servers and of the proxies in front of them. */
  const at = { one: 0, two: 0, sentinel: 0 };
  const by = { one: 0, two: 0, sentinel: 0 };

  beforeAll(async () => {
    const quiet = 'save ""\nrepl-diskless-sync-delay 0\n';
    at.one = await server('one', quiet);
    clients.push(await patient(at.one));
    at.two = await server('two', `${quiet}replicaof 127.0.0.1 ${at.one}\n`);
    const watching = `sentinel monitor group 127.0.0.1 ${at.one} 1\nsentinel down-after-milliseconds group 60000\n`;
    const replica = await patient(at.two);
    clients.push(replica);
    await until('the replica is in step', async () => /master_link_status:up/.test(await replica.info()));
    at.sentinel = await server('sentinel', watching, '--sentinel');
    plane = createDataPlane({ createForwarder: createHttpForwarder });
    for (const name of ['one', 'two', 'sentinel'] as const) by[name] = await freePort();
    const addresses = {
      [`127.0.0.1:${at.one}`]: `127.0.0.1:${by.one}`,
      [`127.0.0.1:${at.two}`]: `127.0.0.1:${by.two}`,
    };
    for (const name of ['one', 'two', 'sentinel'] as const) {
      const [listen, upstream] = [`127.0.0.1:${by[name]}`, `127.0.0.1:${at[name]}`];
      await plane.addProxy({ name, protocol: 'redis', listen, upstream, addresses }, true);
    }
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await plane?.close();
    for (const child of children) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  test('sends its clients to proxies, before and after a failover', async () => {
    const sentinel = await patient(by.sentinel);
    const events = sentinel.duplicate();
    clients.push(sentinel, events);
    await until('the Sentinel knows the replica', async () =>
      /slaves=1/.test(String(await sentinel.call('INFO', 'sentinel'))),
    );
    const seen: string[] = [];
    events.on('message', (_, text) => seen.push(text));
    await events.subscribe('+switch-master');

    const sentinels = [{ host: '127.0.0.1', port: by.sentinel }];
    const client = new Redis({
      sentinels,
      name: 'group',
      sentinelRetryStrategy: () => 50,
      retryStrategy: () => 50,
    });
    client.on('error', () => {});
    clients.push(client);
    expect(await client.set('k', 'v')).toBe('OK');
    expect(client.stream.remotePort).toBe(by.one);
    expect(await client.call('ROLE')).toMatchObject([
      'master',
      expect.anything(),
      [['127.0.0.1', `${by.two}`, expect.anything()]],
    ]);
    expect(await client.info('replication')).toContain(`slave0:ip=127.0.0.1,port=${by.two},`);
    const master = await sentinel.call('SENTINEL', 'get-master-addr-by-name', 'group');
    expect(master).toEqual(['127.0.0.1', `${by.one}`]);
    expect(JSON.stringify(await sentinel.call('SENTINEL', 'replicas', 'group'))).toContain(
      `127.0.0.1:${by.two}`,
    );
    expect(String(await sentinel.call('INFO', 'sentinel'))).toContain(`address=127.0.0.1:${by.one},`);

    // It refuses (NOGOODSLAVE) until it has heard from the replica often enough.
    await until('the Sentinel fails over', () =>
      sentinel.call('SENTINEL', 'FAILOVER', 'group').then(
        () => true,
        () => false,
      ),
    );
    await until('the Sentinel tells of the other master', () => seen.length > 0);
    expect(seen[0]).toBe(`group 127.0.0.1 ${by.one} 127.0.0.1 ${by.two}`);
    plane.closeConnections('one');
    await until('the client follows', () => client.status === 'ready' && client.stream.remotePort === by.two);
    expect(await client.set('k', 'w')).toBe('OK');
  });
});
