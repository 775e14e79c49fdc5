import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyTls } from '../../../src/core/protocol.ts';
import { packet, SSL_REQUEST, startup } from '../../protocols/postgres/wire.ts';
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

  it.skipIf(lacksTool('psql'))('hides from psql an offer that it could not take without TLS', async () => {
    const { psql } = await stage({ upstream: 'require' });
    expect(await psql('select 1', { PGSSLMODE: 'disable' })).toBe('1');
    expect(await psql('select 1', { PGSSLMODE: 'prefer' })).toBe('1');
  });

  it('speaks it on both sides', async () => {
    const { client } = await stage({ listen: LISTEN, upstream: 'verify', ca: TLS.ca });
    expect(await encrypted(await client({ ssl: TRUSTING }))).toBe(true);
  });
});

describe('psql that binds its password to the certificate', () => {
  it.skipIf(lacksTool('psql'))(
    'is refused by the server with TLS on both sides, unless told not to',
    async () => {
      const { psql } = await stage({ listen: LISTEN, upstream: 'require' });
      const other = await stage({ listen: { cert: TLS.stranger, key: TLS.otherKey }, upstream: 'require' });
      const PGSSLMODE = 'require';
      const PGSSLROOTCERT = '';
      expect(await psql('select 1', { PGSSLMODE })).toBe('1');
      expect(await other.psql('select 1', { PGSSLMODE, PGSSLROOTCERT })).toContain('channel binding');
      expect(await other.psql('select 1', { PGSSLMODE, PGSSLROOTCERT, PGCHANNELBINDING: 'disable' })).toBe(
        '1',
      );
    },
  );
});

describe('A postgres proxy without a certificate', () => {
  it('passes TLS as it is: bytes faults act, message faults are skipped with the reason', async () => {
    const { client, put, counts } = await stage();
    const db = await client({ ssl: TRUSTING });
    expect(await encrypted(db)).toBe(true);
    put({ type: 'pg_error', attributes: {} });
    expect((await db.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    expect(counts()).toMatchObject({ matched: 0, injected: 0, skipped: { encrypted: 1 } });
    put({ type: 'latency', attributes: { latency: 60 } });
    const began = performance.now();
    await db.query('select 1');
    expect(performance.now() - began).toBeGreaterThan(55);
  });
});

describe('A client of a postgres proxy with a certificate', () => {
  /** Sends these one after the other, each once something came for the one before, and answers what came. */
  async function told(port: number, ...pieces: readonly Buffer[]): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    close.push(() => socket.destroy());
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await until('it is answered', () => got.length >= index);
      socket.write(piece);
    }
    await until('it is answered or closed', () => got.length >= pieces.length || socket.closed);
    return got;
  }

  it('is refused GSS encryption, then may have TLS', async () => {
    const { port } = await stage({ listen: LISTEN });
    expect(await told(port, packet(80877104), SSL_REQUEST)).toBe('NS');
  });

  it('is refused TLS where only the upstream has it, and may go on in plain text', async () => {
    const { port } = await stage({ upstream: 'require' });
    const answer = await told(port, SSL_REQUEST, startup({ user: 'postgres', database: 'sandbox' }));
    expect(answer.slice(0, 2)).toBe('NR');
  });

  it('is closed when it sends more behind its request for TLS', async () => {
    const { port } = await stage({ listen: LISTEN });
    expect(await told(port, Buffer.concat([SSL_REQUEST, startup({ user: 'mallory' })]))).toBe('');
  });

  it('may begin TLS at once', async () => {
    const { port } = await stage({ listen: LISTEN });
    const socket = connectTls({ port, host: '127.0.0.1', ALPNProtocols: ['postgresql'], ...TRUSTING });
    close.push(() => socket.destroy());
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('postgresql');
    socket.write(startup({ user: 'postgres', database: 'sandbox' }));
    const [answer] = await once(socket, 'data');
    expect(String.fromCharCode(answer[0])).toBe('R');
  });

  it('cancels what it runs, over TLS on both sides', async () => {
    const { client, port } = await stage({ listen: LISTEN, upstream: 'require' });
    const db = await client({ ssl: TRUSTING });
    const sleeping = db.query('select pg_sleep(60)').catch((error) => error);
    const watching = await client({ ssl: TRUSTING });
    await until('it sleeps', async () => {
      const { rows } = await watching.query(`select 1 from pg_stat_activity where wait_event = 'PgSleep'`);
      return rows.length > 0;
    });
    const { processID, secretKey } = db as unknown as { processID: number; secretKey: number };
    const request = packet(80877102, Buffer.alloc(8));
    request.writeInt32BE(processID, 8);
    request.writeInt32BE(secretKey, 12);
    const plain = connect(port, '127.0.0.1');
    plain.write(SSL_REQUEST);
    await once(plain, 'data');
    const socket = connectTls({ socket: plain, ...TRUSTING });
    socket.resume().end(request);
    await once(socket, 'close');
    expect(await sleeping).toMatchObject({ code: '57014' });
  });

  it('is told under TLS that there is no place for it', async () => {
    const { client, put } = await stage({ listen: LISTEN });
    put({ type: 'connection_limit', attributes: { max: 0, reject: 'error' } });
    await expect(client({ ssl: TRUSTING })).rejects.toMatchObject({ code: '53300' });
  });
});
