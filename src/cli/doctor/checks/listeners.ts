import { identifyDataPlane } from '../../../drivers/embedded/index.ts';
import { type Check, type Finding, ok, refused } from '../contract.ts';
import { whyTaken } from './ports.ts';

export const listeners: Check = {
  name: 'listen addresses',
  async look({ config, control }) {
    const found = await identifyDataPlane(control);
    const held = new Set(found.kind === 'ours' ? found.proxies.map(({ name }) => name) : []);
    // One whose list is closed to us may well be what holds the ports; the check of the control address tells that.
    if (found.kind === 'locked') return [];
    return Promise.all(
      (config?.proxies ?? []).map(async ({ name, listen }): Promise<Finding> => {
        if (held.has(name)) return ok(`proxy "${name}" has ${listen}`);
        const reason = await whyTaken(listen, `proxy "${name}"`);
        if (reason === undefined) return ok(`${listen} is free for proxy "${name}"`);
        return refused(
          `proxy "${name}" cannot listen on ${listen}: ${reason}`,
          'Free the port, or choose another "listen:".',
        );
      }),
    );
  },
};
