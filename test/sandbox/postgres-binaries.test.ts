import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { postgresAccount } from '../../src/sandbox/services/account.ts';
import { packagedPostgres, runnablePostgres } from '../../src/sandbox/services/postgres-binaries.ts';

/** Node's own copy takes seconds for these many files. */
function copy(from: string, to: string): void {
  execFileSync('cp', ['-RP', `${from}/.`, to]);
}

const asRoot = process.getuid?.() === 0;

describe.runIf(asRoot)('Postgres binaries in a checkout that only root can enter', () => {
  let base: string;
  let checkout: string;
  let shared: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
    chmodSync(base, 0o755);
    const home = join(base, 'root');
    checkout = join(home, 'checkout', 'postgres');
    shared = join(base, 'shared');
    mkdirSync(checkout, { recursive: true });
    mkdirSync(shared, { mode: 0o777 });
    copy(packagedPostgres(), checkout);
    chmodSync(home, 0o700);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  test('are copied to where the account of Postgres can run them, once', async () => {
    const account = postgresAccount()!;
    const first = await runnablePostgres(account, checkout, [shared]);
    expect(first.startsWith(shared)).toBe(true);
    const version = execFileSync(join(first, 'bin', 'postgres'), ['--version'], { ...account, cwd: '/' });
    expect(String(version)).toMatch(/^postgres \(PostgreSQL\) 18\./);
    expect(await runnablePostgres(account, checkout, [shared])).toBe(first);
  });

  test('are not taken from a copy that somebody else may write', async () => {
    const account = postgresAccount()!;
    const first = await runnablePostgres(account, checkout, [shared]);
    chmodSync(dirname(first), 0o777);
    const second = await runnablePostgres(account, checkout, [shared]);
    expect(second).not.toBe(first);
    expect(statSync(dirname(second)).mode & 0o022).toBe(0);
  });

  test('are not taken from where a link leads', async () => {
    const account = postgresAccount()!;
    const first = dirname(await runnablePostgres(account, checkout, [shared]));
    const elsewhere = join(base, 'elsewhere');
    mkdirSync(elsewhere);
    copy(first, elsewhere);
    rmSync(first, { recursive: true });
    symlinkSync(elsewhere, first);
    expect(dirname(await runnablePostgres(account, checkout, [shared]))).not.toBe(first);
  });

  test('get the links between libraries that an install without scripts leaves out', async () => {
    rmSync(join(checkout, 'native', 'lib', 'libpq.so.5'));
    const native = await runnablePostgres(postgresAccount()!, checkout, [shared]);
    expect(statSync(join(native, 'lib', 'libpq.so.5')).isFile()).toBe(true);
  });
});

test('Postgres binaries that run as they are stay where they are', async () => {
  const readable = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
  try {
    chmodSync(readable, 0o755);
    copy(packagedPostgres(), readable);
    expect(await runnablePostgres(postgresAccount(), readable, [])).toBe(join(readable, 'native'));
  } finally {
    rmSync(readable, { recursive: true, force: true });
  }
});

test('Postgres binaries that run nowhere are an error that offers DATABASE_URL', async () => {
  const broken = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
  try {
    await expect(runnablePostgres(postgresAccount(), broken, [])).rejects.toThrow(
      /does not run on this machine.*Set DATABASE_URL to a Postgres on this machine/,
    );
  } finally {
    rmSync(broken, { recursive: true, force: true });
  }
});
