import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxError } from './error.ts';
import { findTool } from './find-tool.ts';
import { localUrl } from './local-url.ts';
import { onPort } from './ports.ts';
import type { Service } from './postgres.ts';
import { whenReady } from './ready.ts';
import { startSupervised } from './supervised.ts';

export interface RedisOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** A Redis that runs already, such as REDIS_URL; used where no server program is found. */
  readonly url?: string;
  /** File for the server's log. Default: one beside the data, removed with it. */
  readonly logFile?: string;
}

/** A real Redis (or Valkey) on 127.0.0.1 that keeps nothing on disk. */
export async function startRedis(options: RedisOptions = {}): Promise<Service> {
  const program = findTool('redis-server', 'valkey-server');
  if (program) return onPort(options.port, 'Redis', (port) => startOwn(program, port, options));
  if (options.url) {
    const url = localUrl('REDIS_URL', options.url);
    return { url: url.href, port: Number(url.port || 6379), stop: async () => {} };
  }
  throw new SandboxError(
    'There is no redis-server and no valkey-server in PATH. Install one ("apt-get install redis-server", "brew install redis", "dnf install valkey"), or set REDIS_URL to a Redis on this machine.',
  );
}

async function startOwn(program: string, port: number, options: RedisOptions): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-redis-'));
  const flags = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no', daemonize: 'no' };
  const service = await startSupervised({
    name: 'Redis',
    command: program,
    args: Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
    cwd: folder,
    logFile: options.logFile ?? join(folder, 'log'),
    remove: folder,
  });
  try {
    await whenReady('Redis', service, () => pongs(port));
  } catch (error) {
    await service.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return { url: `redis://127.0.0.1:${port}`, port, pid: service.pid, stop: service.stop };
}

function pongs(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(1000, () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
    socket.on('data', (data) => answer(data.toString().startsWith('+PONG')));
  });
}
