import pg from 'pg';
import type { FaultSpec } from '../../../src/core/fault.ts';
import { createDataPlane } from '../../../src/proxy/plane.ts';
import { startPostgres } from '../../support/services.ts';
import { until } from '../../support/until.ts';

type Fault = Omit<FaultSpec, 'proxy'>;

/** A data plane with one postgres proxy `db` in front of a fresh real Postgres. */
export async function postgresStage(options: Parameters<typeof startPostgres>[0] = {}) {
  const service = await startPostgres(options);
  const direct = new URL(service.url);
  const plane = createDataPlane({
    createForwarder: () => ({ accept: (end) => end.destroy(), async close() {} }),
  });
  const proxy = await plane.addProxy(
    { name: 'db', protocol: 'postgres', listen: '127.0.0.1:0', upstream: direct.host },
    true,
  );
  const through = new URL(service.url);
  through.host = proxy.declaration.listen;
  const clients = new Set<pg.Client>();
  const connect = async (url: URL, extra: pg.ClientConfig = {}) => {
    const client = new pg.Client({ connectionString: url.href, ...extra });
    clients.add(client);
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const hangUp = async () => {
    const open = [...clients];
    clients.clear();
    await Promise.all(open.map((client) => client.end().catch(() => {})));
    plane.closeConnections();
    await until('the connections are gone', () => plane.connections().length === 0);
  };
  return {
    plane,
    proxy,
    /** Ends all clients. */
    hangUp,
    url: through.href,
    /** Host and port of the proxy. */
    address: { host: through.hostname, port: Number(through.port) },
    user: direct.username,
    password: decodeURIComponent(direct.password),
    database: direct.pathname.slice(1),
    /** A client through the proxy, or straight to the server. */
    client: (extra?: pg.ClientConfig) => connect(through, extra),
    direct: () => connect(direct),
    put: (...faults: readonly Fault[]) =>
      plane.putFaults({
        run: 'r',
        epoch: plane.state().epoch + 1,
        lease: '60s',
        seed: 7,
        faults: faults.map((fault) => ({ proxy: 'db', ...fault })),
      }),
    takeBack: () => plane.emptyFaults(),
    counts: () => plane.state().faults[0]!,
    seen: () => plane.observation().proxies.db!,
    async close() {
      await hangUp();
      await plane.close();
      await service.stop();
    },
  };
}
export type PostgresStage = Awaited<ReturnType<typeof postgresStage>>;

/** The error of a promise that must fail. */
export function failure(promise: Promise<unknown>): Promise<Error & { code?: string; severity?: string }> {
  return promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => error,
  );
}
