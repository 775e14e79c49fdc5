import { monitorEventLoopDelay } from 'node:perf_hooks';
import { listening } from './child.ts';

/**
 * A compiled data plane as users run it, with its control API, that watches its own event loop. Asked to `watch`, it begins; asked for
 * `pause`, it answers the longest time since, in ms, for which nothing else had its turn.
 */
const RESOLUTION_MS = 2;

const [, , compiled] = process.argv;
const { startProxyServer } = (await import(compiled!)) as typeof import('../../src/proxy/serve.ts');
const server = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

process.on('message', (message: 'watch' | 'pause') => {
  if (message === 'watch') {
    delays.enable();
    delays.reset();
  }
  const pause = Math.max(0, delays.max / 1e6 - RESOLUTION_MS);
  if (message === 'pause') delays.disable();
  process.send!(pause);
});

listening(Number(server.control.slice(server.control.lastIndexOf(':') + 1)));
