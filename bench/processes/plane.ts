import { listening } from './child.ts';

/**
 * A compiled data plane in front of the port it is given, that measures itself: asked to `apply` or `empty` a fault, it answers the
 * longest pause of its event loop in the second after, in ms; asked what is `held`, the number of connections.
 */
const WATCHED_MS = 1000;

const [, , upstream, compiled] = process.argv;
const { createDataPlane } = (await import(compiled!)) as typeof import('../../src/proxy/plane.ts');

const plane = createDataPlane({
  createForwarder: () => ({ accept: (end) => end.destroy(), async close() {} }),
});
const proxy = await plane.addProxy(
  { name: 'bench', protocol: 'tcp', listen: '127.0.0.1:0', upstream: `127.0.0.1:${upstream}` },
  true,
);

process.on('message', (message: 'apply' | 'empty' | 'held') => {
  if (message === 'held') process.send!(plane.observation().proxies.bench?.held.open ?? 0);
  else if (message === 'empty') longestPause(() => plane.emptyFaults());
  else {
    const fault = { proxy: 'bench', type: 'latency', attributes: { latency: 60_000 } };
    longestPause(() => plane.putFaults({ run: 'bench', epoch: 1, lease: '5m', seed: 1, faults: [fault] }));
  }
});

function longestPause(act: () => void): void {
  const began = performance.now();
  let last = began;
  let longest = 0;
  act();
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (now - began < WATCHED_MS) setImmediate(tick);
    else process.send!(longest);
  };
  tick();
}

const { listen } = proxy.declaration;
listening(Number(listen.slice(listen.lastIndexOf(':') + 1)));
