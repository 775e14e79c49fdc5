import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseProcessStat } from '../../src/core/process-stat.ts';
import { identityOf, isGone, ownIdentity } from '../../src/drivers/process.ts';
import { until } from '../support/until.ts';

const linux = existsSync('/proc/self/stat');

test('a process that runs is not gone', () => {
  expect(isGone(ownIdentity())).toBe(false);
  expect(isGone(identityOf(process.ppid))).toBe(false);
});

test('a process that was killed is gone', async () => {
  const child = spawn('sleep', ['60']);
  const identity = identityOf(child.pid!);
  expect(isGone(identity)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isGone(identity)).toBe(true);
});

test.runIf(linux)('a process with the same pid that began at another time is another one', () => {
  expect(isGone({ ...ownIdentity(), startTime: '1' })).toBe(true);
});

test.runIf(linux)('a process of an earlier boot is gone, whoever has its pid now', () => {
  expect(isGone({ ...ownIdentity(), bootId: '00000000-0000-0000-0000-000000000000' })).toBe(true);
});

test('where start times cannot be read, the pid decides', () => {
  expect(isGone({ pid: process.pid, startTime: '', bootId: '' })).toBe(false);
});

test.runIf(linux)('a process that ended and that nobody collects is gone', async () => {
  // The shell becomes `sleep`, which never waits for the child that the shell had.
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [pid] = await once(parent.stdout!, 'data');
  const identity = identityOf(Number(pid));
  await until('it has ended', () => isGone(identity));
  expect(existsSync(`/proc/${Number(pid)}`)).toBe(true);
  parent.kill('SIGKILL');
});

test('the start time is found behind any name of a command', () => {
  const rest = `S 1 ${'0 '.repeat(17)}4711 0 0`;
  for (const name of ['node', 'a b', 'a) S 1 (b', ')']) {
    expect(parseProcessStat(`42 (${name}) ${rest}`)).toEqual({ state: 'S', startTime: '4711' });
  }
});
