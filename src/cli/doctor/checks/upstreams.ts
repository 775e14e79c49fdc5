import { once } from 'node:events';
import { connect } from 'node:net';
import { reasonOf } from '../../../core/reason.ts';
import { maskUrls } from '../../../core/secrets.ts';
import { parseHostPort } from '../../../proxy/host-port.ts';
import { judgeAddress } from '../../../safety/gates/targets.ts';
import { type Check, type Finding, ok, refused } from '../contract.ts';

const PATIENCE_MS = 3000;

export const upstreams: Check = {
  name: 'upstreams',
  async look({ config, limits, environment }) {
    return Promise.all(
      (config?.proxies ?? []).map(async ({ name, upstream }): Promise<Finding> => {
        const what = `proxy "${name}"`;
        const shown = maskUrls(upstream);
        const judged = await judgeAddress({ what, address: upstream }, { limits, environment });
        const denied = judged.find(({ allowed }) => !allowed);
        if (denied)
          return refused(`${what}: ${denied.because}`, 'Allow it under "targets:", or take another.');
        const reason = await whyUnreachable(upstream);
        if (reason === undefined) return ok(`${what} reaches ${shown}`);
        return refused(`${what} does not reach ${shown}: ${reason}`, 'Start it, or correct the address.');
      }),
    );
  },
};

/** Why an address is not reached, in words; undefined where it is. Connects, and sends nothing. */
export async function whyUnreachable(upstream: string): Promise<string | undefined> {
  try {
    const socket = connect(addressOf(upstream));
    const late = setTimeout(() => socket.destroy(new Error('no connection within 3 s')), PATIENCE_MS);
    try {
      await once(socket, 'connect');
      return undefined;
    } finally {
      clearTimeout(late);
      socket.destroy();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ECONNREFUSED' ? 'nothing listens there' : (code ?? reasonOf(error));
  }
}

/** Where an upstream is to be connected to: `host:port`, or an http or https URL. */
export function addressOf(upstream: string): { readonly host: string; readonly port: number } {
  if (!/^https?:\/\//i.test(upstream)) {
    const { host, port } = parseHostPort(upstream, 'upstream');
    return { host: host || '127.0.0.1', port };
  }
  const { hostname, port, protocol } = new URL(upstream);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}
