import { chmod, chown, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { until } from '../until.ts';

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Certificates for `localhost` and 127.0.0.1, good from 2020 to 2120 where nothing else is said. */
export const TLS = {
  /** The authority of `certificate` and `expired`. */
  ca: file('ca.pem'),
  certificate: file('certificate.pem'),
  /** Of `certificate` and of `expired`. */
  key: file('key.pem'),
  /** Ended in 2020. */
  expired: file('expired.pem'),
  /** Signed by itself, with `otherKey`. */
  stranger: file('stranger.pem'),
  otherKey: file('other-key.pem'),
  /** `key` under a passphrase. */
  lockedKey: file('locked-key.pem'),
} as const;

/** Has a Postgres that runs offer TLS by this certificate. */
export async function turnOnTls(url: string, certificate: string = TLS.certificate): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const [{ data }] = (
    await client.query(`select setting as data from pg_settings where name = 'data_directory'`)
  ).rows as [{ data: string }];
  const { uid, gid } = await stat(data);
  for (const [from, name] of [
    [certificate, 'server.crt'],
    [TLS.key, 'server.key'],
  ] as const) {
    const to = join(data, name);
    await copyFile(from, to);
    await chmod(to, 0o600);
    if (process.getuid?.() === 0) await chown(to, uid, gid);
  }
  await client.query('alter system set ssl = on');
  await client.query('select pg_reload_conf()');
  await until('Postgres speaks TLS', async () => {
    const asked = await client.query('show ssl');
    return asked.rows[0].ssl === 'on';
  });
  await client.end();
}

/** Has a Redis that runs offer TLS by this certificate on a port of its own too. */
export async function openTlsPort(
  port: number,
  tlsPort: number,
  certificate: string = TLS.certificate,
): Promise<void> {
  const client = new Redis(port, '127.0.0.1');
  for (const [name, value] of [
    ['tls-cert-file', certificate],
    ['tls-key-file', TLS.key],
    ['tls-ca-cert-file', TLS.ca],
    ['tls-auth-clients', 'no'],
    ['tls-port', String(tlsPort)],
  ] as const)
    await client.config('SET', name, value);
  client.disconnect();
}
