import type { Way } from '../contract.ts';
import { startChild } from '../processes/child.ts';

/** The library alone, with the same keep-alive agent. */
export const bareHttpProxy: Way = {
  name: 'http-proxy',
  async open(upstream) {
    const child = await startChild('bare-http-proxy', String(upstream));
    return { way: 'http-proxy', port: child.port, pid: child.pid, close: () => child.close() };
  },
};
