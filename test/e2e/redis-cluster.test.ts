import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpForwarder } from '../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { startProxyServer } from '../../src/proxy/serve.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithRedis, startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';

/** A node of its own cluster that serves all slots; its bus takes a second port, 10000 higher. */
async function startClusterNode(): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'faultline-cluster-'));
  const options = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    'cluster-enabled': 'yes',
    save: '',
    appendonly: 'no',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const admin = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  admin.on('error', () => {});
  await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await until('the cluster is up', async () =>
    /cluster_state:ok/.test(String(await admin.call('CLUSTER', 'INFO'))),
  );
  admin.disconnect();
  return {
    port,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describeWithRedis('a Redis cluster behind a proxy', () => {
  test('keeps its clients on the proxy where a map of addresses says so', async () => {
    const node = await startClusterNode();
    onTestFinished(() => node.stop());
    const plane = createDataPlane({ createForwarder: createHttpForwarder });
    const listen = `127.0.0.1:${await freePort()}`;
    const upstream = `127.0.0.1:${node.port}`;
    const addresses = { [upstream]: listen };
    await plane.addProxy({ name: 'redis', protocol: 'redis', listen, upstream, addresses }, true);
    const [host = '', port] = listen.split(':');
    const cluster = new Cluster([{ host, port: Number(port) }], { lazyConnect: true });
    try {
      await cluster.connect();
      expect(await cluster.set('k', 'v')).toBe('OK');
      expect(cluster.nodes().map(({ options }) => `${options.host}:${options.port}`)).toEqual([listen]);
      const faults = [{ proxy: 'redis', type: 'redis_nil' }];
      plane.putFaults({ run: 'test', epoch: 1, lease: '60s', seed: 1, faults });
      expect(await cluster.get('k')).toBeNull();
      plane.emptyFaults();
      expect(await cluster.get('k')).toBe('v');
      const transient = ['TRYAGAIN Multiple keys', 'CLUSTERDOWN The cluster is down', `ASK 1 ${upstream}`];
      for (const [index, reply] of transient.entries()) {
        const fault = {
          proxy: 'redis',
          type: 'redis_error',
          attributes: { reply },
          match: { first: 1, key: 'k' },
        };
        plane.putFaults({ run: 'test', epoch: index + 3, lease: '60s', seed: 1, faults: [fault] });
        expect(await cluster.get('k')).toBe('v');
        expect(plane.state().faults[0]).toMatchObject({ injected: 1 });
      }
    } finally {
      cluster.disconnect();
      await plane.close();
    }
  });

  test('is told of at the start of a proxy that has no map, and only there', async () => {
    const node = await startClusterNode();
    onTestFinished(() => node.stop());
    const plain = await startRedis();
    onTestFinished(() => plain.stop());
    const to = (port: number) =>
      ({ protocol: 'redis', listen: '127.0.0.1:0', upstream: `127.0.0.1:${port}` }) as const;
    const lines: string[] = [];
    const server = await startProxyServer({
      control: '127.0.0.1:0',
      proxies: [
        { ...to(node.port), name: 'mapped', addresses: { '10.0.0.1:1': '127.0.0.1:1' } },
        { ...to(plain.port), name: 'plain' },
        { ...to(await freePort()), name: 'absent' },
        { ...to(node.port), name: 'cluster' },
      ],
      log: (line) => void lines.push(line),
    });
    onTestFinished(() => server.close());
    await until('it is told', () => lines.length > 0);
    expect(lines).toEqual([
      expect.stringMatching(/^proxy "cluster": the server runs in cluster mode: .*"addresses"/),
    ]);
  });
});
