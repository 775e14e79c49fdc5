import { describe, expect, test } from 'vitest';
import { judgeClients } from '../../../src/cli/doctor/checks/clients.ts';
import { judgeClock } from '../../../src/cli/doctor/checks/clock.ts';
import { judgeControlPlane } from '../../../src/cli/doctor/checks/control-plane.ts';
import { judgeSkew } from '../../../src/cli/doctor/checks/database.ts';
import { judgeSpace } from '../../../src/cli/doctor/checks/disk.ts';
import { judgeNode } from '../../../src/cli/doctor/checks/node.ts';
import { judgeOpenFiles } from '../../../src/cli/doctor/checks/open-files.ts';
import { addressOf } from '../../../src/cli/doctor/checks/upstreams.ts';

const MIB = 1024 * 1024;

describe('the doctor', () => {
  test('sees a clock of Postgres that differs by more than the question took', () => {
    expect(judgeSkew(10_000, 9000, 11_000)).toEqual([]);
    expect(judgeSkew(12_900, 9000, 11_000)).toEqual([]);
    expect(judgeSkew(5000, 9000, 11_000)[0]!.says).toContain("4 s behind this machine's");
    expect(judgeSkew(71_000, 9000, 11_000)[0]!.says).toContain("1 min ahead of this machine's");
  });

  test('tells a control plane that is well from one that is degraded, and from another server', () => {
    const answer = { status: 'ok', controller: 'a', leads: true, degraded: [], running: [] };
    expect(judgeControlPlane('x', answer)).toMatchObject([
      { level: 'ok', says: 'a at x plays the schedules' },
    ]);
    const degraded = { ...answer, degraded: ['the database is away'] };
    expect(judgeControlPlane('x', degraded)).toMatchObject([
      { level: 'warning', says: 'a at x is degraded: the database is away' },
    ]);
    expect(judgeControlPlane('x', null)).toMatchObject([{ level: 'warning' }]);
  });

  test.each([
    ['20.20.0', 'ok'],
    ['22.1.0', 'ok'],
    ['20.19.9', 'refused'],
    ['18.20.0', 'refused'],
  ])('judges Node %s as %s', (version, level) => {
    expect(judgeNode(version).level).toBe(level);
  });

  test.each([
    [
      'Max open files            1024                 1024                 files',
      'warning',
      '464 connections',
    ],
    ['Max open files            65536                65536                files', 'ok', '32720 connections'],
    ['Max open files            unlimited            unlimited            files', 'ok', 'no limit'],
  ])('judges "%s" as %s', (limits, level, says) => {
    expect(judgeOpenFiles(limits)).toMatchObject({ level, says: expect.stringContaining(says) });
  });

  test.each([
    [3 * MIB, 'refused'],
    [100 * MIB, 'warning'],
    [5000 * MIB, 'ok'],
  ])('judges a disk with %i free bytes as %s', (free, level) => {
    expect(judgeSpace(free, '/here').level).toBe(level);
  });

  test('trusts a clock that is set and goes forward, where processes can be told apart', () => {
    const owner = { pid: 1, startTime: '5', bootId: 'b' };
    const now = Date.UTC(2026, 10, 21);
    expect(judgeClock(owner, now, true)).toMatchObject([{ level: 'ok' }]);
    expect(judgeClock({ ...owner, bootId: '' }, now, true)).toMatchObject([{ level: 'warning' }]);
    expect(judgeClock({ ...owner, startTime: '' }, 0, false)).toHaveLength(3);
  });

  test('tells a proxy that no client uses from one that some do', () => {
    const proxies = [
      { name: 'redis', listen: '127.0.0.1:16379' },
      { name: 'db', listen: '127.0.0.1:15432' },
    ];
    const metrics = 'faultline_connections_total{proxy="redis"} 12\n';
    expect(judgeClients(proxies, metrics)).toMatchObject([
      { level: 'ok', says: '12 connections came through proxy "redis"' },
      { level: 'warning', remedy: expect.stringContaining('127.0.0.1:15432') },
    ]);
  });

  test.each([
    ['db:5432', 'db', 5432],
    ['[::1]:5432', '::1', 5432],
    ['https://api.openai.com', 'api.openai.com', 443],
    ['http://provider/v1', 'provider', 80],
    ['http://[::1]:8080', '::1', 8080],
  ])('connects for %s to %s', (upstream, host, port) => {
    expect(addressOf(upstream)).toEqual({ host, port });
  });
});
