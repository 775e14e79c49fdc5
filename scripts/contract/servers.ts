import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort, listens } from '../../bench/ports.ts';
import { startProxyServer } from '../../src/proxy/serve.ts';
import { findTool } from '../../src/sandbox/services/find-tool.ts';

/** A server whose control API is compared. */
export interface Server {
  readonly name: string;
  /** `host:port` of its control API. */
  readonly control: string;
  close(): Promise<void>;
}

export async function startFaultline(): Promise<Server> {
  const { control, close } = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
  return { name: 'Faultline', control, close };
}

/** A Toxiproxy server from PATH; undefined where there is none. */
export async function startToxiproxy(): Promise<Server | undefined> {
  const program = findTool('toxiproxy-server');
  if (!program) return undefined;
  const port = await freePort();
  const child = spawn(program, ['-host', '127.0.0.1', '-port', String(port), '-proxy-metrics'], {
    stdio: 'ignore',
    env: { ...process.env, LOG_LEVEL: 'fatal' },
  });
  await listens(port);
  return {
    name: 'Toxiproxy',
    control: `127.0.0.1:${port}`,
    async close() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** One that somebody else runs; its proxies are removed. */
export function runningServer(control: string): Server {
  return { name: 'Toxiproxy', control, close: async () => {} };
}
