import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { findTool } from '../../src/sandbox/services/find-tool.ts';
import type { Wanted } from './packages.ts';

export interface Out {
  log(line: string): void;
  error(line: string): void;
}

const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs what is missing with apt where this is root, without recommended packages and without starting a service;
 * elsewhere prints the command. Says one line per package, nothing when nothing is missing. Returns the exit code: 1
 * when something stays missing that the purpose cannot do without, else 0.
 */
export function setUp(wanted: readonly Wanted[], out: Out, canInstall = isRootWithApt()): number {
  const missing = wanted.filter((one) => !one.present());
  if (missing.length === 0) return 0;
  if (canInstall) install(missing, out);

  const still = missing.filter((one) => !one.present());
  for (const one of missing) if (!still.includes(one)) out.log(`installed ${one.package}`);
  if (still.length === 0) return 0;

  const needed = still.filter((one) => one.needed).map((one) => one.package);
  const consequence = needed.length > 0 ? 'This cannot go on without' : 'What needs it is skipped:';
  out.error(`${consequence} ${(needed.length > 0 ? needed : still.map((one) => one.package)).join(', ')}.`);
  out.error(howToInstall(still));
  return needed.length > 0 ? 1 : 0;
}

function isRootWithApt(): boolean {
  return process.getuid?.() === 0 && findTool('apt-get') !== undefined;
}

function howToInstall(missing: readonly Wanted[]): string {
  const names = missing.map((one) => one.package).join(' ');
  if (findTool('apt-get')) return `Install with: sudo apt-get install --no-install-recommends ${names}`;
  const others = [...new Set(missing.map((one) => one.elsewhere))].join(' ');
  if (findTool('brew')) return `Install with: brew install ${others}`;
  if (findTool('dnf')) return `Install with: sudo dnf install ${others}`;
  return `Install with this system's package manager: ${others}`;
}

function install(missing: readonly Wanted[], out: Out): void {
  const names = missing.map((one) => one.package);
  out.log(`installing ${names.join(', ')} with apt …`);
  // A Ctrl-C ends apt; this process must live on to take its policy file back, or no service would ever start again.
  const survive = () => {};
  process.on('SIGINT', survive).on('SIGTERM', survive);
  const ownPolicy = !existsSync(POLICY);
  try {
    if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    let result = apt('install', '--yes', '--no-install-recommends', ...names);
    if (result.status !== 0) {
      // The package lists were never fetched, or name versions that are no longer served.
      apt('update');
      result = apt('install', '--yes', '--no-install-recommends', ...names);
    }
    if (result.status !== 0) out.error(`apt-get install failed: ${reason(result.stderr)}`);
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true });
    process.off('SIGINT', survive).off('SIGTERM', survive);
  }
  // Somebody else's policy may have let them start.
  if (!ownPolicy) for (const { service } of missing) if (service) stopService(service);
}

function apt(...args: string[]) {
  // Another package manager may hold the lock for a while, as on a machine that has just started.
  return spawnSync('apt-get', ['--quiet=2', '--option=DPkg::Lock::Timeout=120', ...args], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C' },
  });
}

function stopService(service: string): void {
  if (findTool('service')) spawnSync('service', [service, 'stop'], { stdio: 'ignore' });
}

function reason(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.findLast((line) => line.startsWith('E:')) ?? lines.at(-1) ?? 'it did not say why';
}
