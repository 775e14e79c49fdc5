import { Redis, type RedisOptions } from 'ioredis';
import type { Attributes, CountedFault, Match } from '../../src/core/fault.ts';
import type { ProxyObservation } from '../../src/core/observation.ts';
import { createHttpForwarder } from '../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { startRedis } from '../support/services.ts';

export interface RedisStage {
  /** Port of the proxy. */
  readonly port: number;
  /** Straight to the server, round the proxy. */
  readonly direct: Redis;
  /** A client of the proxy that has said hello; a connection that is lost stays lost. */
  client(options?: RedisOptions): Promise<Redis>;
  /** Puts one fault in force in place of the one before. */
  inject(type: string, attributes?: Attributes, match?: Match): void;
  empty(): void;
  /** Counts of the fault in force, or of the one before. */
  counts(): Pick<CountedFault, 'matched' | 'injected' | 'skipped'>;
  observed(): ProxyObservation;
  close(): Promise<void>;
}

/** A data plane with one proxy in front of a real Redis. */
export async function startRedisStage(): Promise<RedisStage> {
  const server = await startRedis();
  const failures: string[] = [];
  const plane = createDataPlane({
    createForwarder: createHttpForwarder,
    log: (line) => void (/given up/.test(line) && failures.push(line)),
  });
  const proxy = await plane.addProxy(
    { name: 'redis', protocol: 'redis', listen: '127.0.0.1:0', upstream: `127.0.0.1:${server.port}` },
    true,
  );
  const port = Number(proxy.declaration.listen.split(':').at(-1));
  const direct = new Redis(server.port, '127.0.0.1');
  const clients: Redis[] = [];
  let epoch = 0;
  return {
    port,
    direct,
    async client(options = {}) {
      const client = new Redis(port, '127.0.0.1', {
        lazyConnect: true,
        retryStrategy: () => null,
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,
        ...options,
      });
      client.on('error', () => {});
      clients.push(client);
      await client.connect();
      return client;
    },
    inject(type, attributes = {}, match = undefined) {
      const fault = { proxy: 'redis', type, attributes, ...(match ? { match } : {}) };
      plane.putFaults({ run: 'test', epoch: ++epoch, lease: '60s', seed: 1, faults: [fault] });
    },
    empty: () => void plane.emptyFaults(),
    counts() {
      const { faults, previous } = plane.state();
      const { matched, injected, skipped } = (faults[0] ?? previous?.faults[0])!;
      return { matched, injected, skipped };
    },
    observed: () => plane.observation().proxies.redis!,
    async close() {
      for (const client of clients) client.disconnect();
      direct.disconnect();
      await plane.close();
      await server.stop();
      // What a session throws closes its connection and is told here: it is never right.
      if (failures.length > 0) throw new Error(failures.join('\n'));
    },
  };
}
