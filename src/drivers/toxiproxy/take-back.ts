import { MARK } from './faults.ts';
import { runPrefix } from './names.ts';
import { type ProxyView, reasonOf, type ToxicView, type ToxiproxyServer } from './server.ts';

/**
 * Removes all toxics of a run and switches on the proxies that it had switched off; all at once, since one removal that hangs
 * must not keep the others. What somebody else has set stays.
 * @returns what could not be taken back, and why
 */
export async function takeBack(server: ToxiproxyServer, run: string): Promise<readonly string[]> {
  let proxies: readonly ProxyView[];
  try {
    proxies = await server.proxies();
  } catch (error) {
    return [reasonOf(error)];
  }
  const removals = proxies.flatMap((proxy) =>
    toxicsOf(proxy, run).map((toxic) => remove(server, proxy, toxic)),
  );
  const outcomes = await Promise.allSettled(removals);
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [reasonOf(outcome.reason)] : []));
}

export function toxicsOf({ toxics }: ProxyView, run: string): readonly ToxicView[] {
  const prefix = runPrefix(run);
  return toxics.filter(({ name }) => name.startsWith(prefix));
}

async function remove(server: ToxiproxyServer, proxy: ProxyView, { name, type }: ToxicView): Promise<void> {
  // The mark goes last: as long as the proxy is off, it says by whom.
  if (type === MARK && !proxy.enabled) await server.setEnabled(proxy.name, true);
  await server.removeToxic(proxy.name, name);
}
