import { MARK } from './faults.ts';
import { runPrefix } from './names.ts';
import { type ProxyView, reasonOf, type ToxicView, type ToxiproxyServer } from './server.ts';

export interface TakenBack {
  /** The server has ended, and every toxic with it. */
  readonly gone: boolean;
  /** What could not be taken back, and why. */
  readonly failures: readonly string[];
}

/** Said where `gone` is. */
export const GONE = 'its server has ended, and with it the toxics, which it held in memory';

/**
 * Removes all toxics of a run and switches on the proxies that it had switched off; all at once, since one removal that hangs
 * must not keep the others. What somebody else has set stays.
 */
export async function takeBack(server: ToxiproxyServer, run: string): Promise<TakenBack> {
  let proxies: readonly ProxyView[];
  try {
    proxies = await server.proxies();
  } catch (error) {
    return (await server.gone())
      ? { gone: true, failures: [] }
      : { gone: false, failures: [reasonOf(error)] };
  }
  const removals = proxies.flatMap((proxy) =>
    toxicsOf(proxy, run).map((toxic) => remove(server, proxy, toxic)),
  );
  const outcomes = await Promise.allSettled(removals);
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [reasonOf(outcome.reason)] : [],
  );
  // It may have ended meanwhile.
  return failures.length > 0 && (await server.gone())
    ? { gone: true, failures: [] }
    : { gone: false, failures };
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
