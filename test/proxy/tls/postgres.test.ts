import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyTls } from '../../../src/core/protocol.ts';
import { lacksTool, type Service, startPostgres } from '../../support/services.ts';
import { TLS, turnOnTls } from '../../support/tls/index.ts';
import { until } from '../../support/until.ts';
import { startProxy } from './stage.ts';

const run = promisify(execFile);
const LISTEN = { cert: TLS.certificate, key: TLS.key };
const TRUSTING = { ca: readFileSync(TLS.ca, 'utf8'), servername: 'localhost' };

let service: Service;
let close: (() => unknown)[] = [];
beforeAll(async () => {
  service = await startPostgres();
  await turnOnTls(service.url);
});
afterAll(() => service.stop());
afterEach(async () => {
  for (const one of close.reverse()) await one();
  close = [];
});

async function stage(tls?: ProxyTls) {
  const url = new URL(service.url);
  const proxy = await startProxy({ protocol: 'postgres', upstream: url.host, ...(tls ? { tls } : {}) });
  close.push(() => proxy.close());
  url.host = `127.0.0.1:${proxy.port}`;
  return {
    ...proxy,
    url,
    async client(config: pg.ClientConfig = {}) {
      const client = new pg.Client({ connectionString: url.href, ...config });
      client.on('error', () => {});
      close.push(() => client.end().catch(() => {}));
      await client.connect();
      return client;
    },
    psql: (sql: string, settings: Record<string, string>) =>
      run('psql', ['--no-psqlrc', '-tAc', sql, url.href], {
        env: { PATH: process.env.PATH, PGSSLROOTCERT: TLS.ca, ...settings },
      }).then(
        ({ stdout }) => stdout.trim(),
        (error) => String(error.stderr),
      ),
  };
}

const encrypted = async (client: pg.Client): Promise<unknown> =>
  (await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows[0].ssl;

describe('A postgres proxy with a certificate', () => {
  it('serves pg under TLS, and faults act inside', async () => {
    const { client, put, counts, plane, seen } = await stage({ listen: LISTEN });
    const db = await client({ ssl: TRUSTING });
    expect(await encrypted(db)).toBe(false);
    put({ type: 'pg_error', attributes: { sqlstate: '40001' }, match: { sql: 'victim' } });
    const answers = await Promise.allSettled([
      db.query('select 1 as n'),
      db.query("select 'victim'"),
      db.query('select $1::int as n', [2]),
      db.query('select $1::text as victim', ['x']),
      db.query('select 3 as n'),
    ]);
    expect(
      answers.map((one) => (one.status === 'fulfilled' ? one.value.rows[0].n : one.reason.code)),
    ).toEqual([1, '40001', 2, '40001', 3]);
    expect(counts()).toMatchObject({ matched: 2, injected: 2, skipped: {} });
    plane.emptyFaults();
    await db.end();
    await until('the connection is counted once', () => seen().connections.closed > 0);
    expect(seen().connections).toMatchObject({ open: 0, closed: 1, reset: 0 });
  });

  it('serves clients without TLS too', async () => {
    const { client } = await stage({ listen: LISTEN });
    expect((await (await client()).query('select 1 as n')).rows).toEqual([{ n: 1 }]);
  });

  it.skipIf(lacksTool('psql'))('serves psql that asks for TLS, verifies, or does not', async () => {
    const { psql } = await stage({ listen: LISTEN });
    for (const PGSSLMODE of ['require', 'verify-full', 'prefer', 'disable'])
      expect([PGSSLMODE, await psql('select 6 * 7', { PGSSLMODE })]).toEqual([PGSSLMODE, '42']);
  });
});

describe('A postgres proxy with TLS to its upstream', () => {
  it.each(['require', 'verify'] as const)('speaks it with %s', async (upstream) => {
    const { client, put, counts } = await stage({ upstream, ca: TLS.ca });
    const db = await client();
    expect(await encrypted(db)).toBe(true);
    put({ type: 'pg_error', attributes: {} });
    await expect(db.query('select 1')).rejects.toThrow();
    expect(counts()).toMatchObject({ injected: 1 });
  });

  it('speaks it on both sides', async () => {
    const { client } = await stage({ listen: LISTEN, upstream: 'verify', ca: TLS.ca });
    expect(await encrypted(await client({ ssl: TRUSTING }))).toBe(true);
  });
});
