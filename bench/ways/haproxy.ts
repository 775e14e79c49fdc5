import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../src/sandbox/services/find-tool.ts';
import type { Way } from '../contract.ts';
import { freePort, listens } from '../ports.ts';

/** HAProxy with two threads; it does not hold small chunks of a stream back. */
export const haproxy: Way = {
  name: 'haproxy',
  async open(upstream, { http = false }) {
    const program = findTool('haproxy') ?? findTool('/usr/sbin/haproxy');
    if (!program) return undefined;
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, configuration(port, upstream, http));
    const child = spawn(program, ['-db', '-q', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
    await listens(port);
    return {
      way: 'haproxy',
      port,
      pid: child.pid!,
      async close() {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

function configuration(port: number, upstream: number, http: boolean): string {
  return [
    'global',
    '  nbthread 2',
    '  maxconn 9000',
    'defaults',
    `  mode ${http ? 'http' : 'tcp'}`,
    ...(http ? ['  option http-no-delay', '  http-reuse always'] : []),
    '  maxconn 9000',
    '  timeout connect 10s',
    '  timeout client 10m',
    '  timeout server 10m',
    'frontend front',
    `  bind 127.0.0.1:${port}`,
    '  default_backend back',
    'backend back',
    `  server one 127.0.0.1:${upstream}`,
    '',
  ].join('\n');
}
