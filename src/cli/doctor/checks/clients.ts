import { controlHeaders, identifyDataPlane } from '../../../drivers/embedded/index.ts';
import { type Check, type Finding, ok, warning } from '../contract.ts';

const PATIENCE_MS = 3000;

export const clients: Check = {
  name: 'clients',
  async look({ control }) {
    const found = await identifyDataPlane(control);
    if (found.kind !== 'ours') return [];
    const answer = await fetch(`http://${control.replace(/^:/, '127.0.0.1:')}/metrics`, {
      headers: controlHeaders(),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return judgeClients(found.proxies, await answer.text());
  },
};

/** Whether clients were ever seen at each proxy, by the page of metrics of its data plane. */
export function judgeClients(
  proxies: readonly { readonly name: string; readonly listen: string }[],
  metrics: string,
): readonly Finding[] {
  return proxies.map(({ name, listen }) => {
    const line = new RegExp(`^faultline_connections_total\\{proxy="${name}"\\} (\\d+)`, 'm').exec(metrics);
    const seen = Number(line?.[1] ?? 0);
    if (seen > 0)
      return ok(`${seen} ${seen === 1 ? 'connection' : 'connections'} came through proxy "${name}"`);
    return warning(
      `no client has come through proxy "${name}" since its data plane started`,
      `Let the system under test connect to ${listen} in place of the upstream: faults act on nothing else.`,
    );
  });
}
