import type { Way } from '../contract.ts';

/** Nothing in between. */
export const direct: Way = {
  name: 'direct',
  async open(upstream) {
    return { way: 'direct', port: upstream, async close() {} };
  },
};
