import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findTool } from '../../src/sandbox/services/find-tool.ts';
import type { Way } from '../contract.ts';
import { freePort, listens } from '../ports.ts';

/** A Toxiproxy server with no toxic. */
export const toxiproxy: Way = {
  name: 'toxiproxy',
  async open(upstream) {
    const program = findTool('toxiproxy-server');
    if (!program) return undefined;
    const control = await freePort();
    const port = await freePort();
    const child = spawn(program, ['-host', '127.0.0.1', '-port', String(control)], {
      stdio: 'ignore',
      env: { ...process.env, LOG_LEVEL: 'fatal' },
    });
    await listens(control);
    const answer = await fetch(`http://127.0.0.1:${control}/proxies`, {
      method: 'POST',
      body: JSON.stringify({
        name: 'bench',
        listen: `127.0.0.1:${port}`,
        upstream: `127.0.0.1:${upstream}`,
        enabled: true,
      }),
    });
    if (!answer.ok) throw new Error(`toxiproxy-server refused its proxy: ${await answer.text()}`);
    return {
      way: 'toxiproxy',
      port,
      pid: child.pid!,
      async close() {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      },
    };
  },
};
