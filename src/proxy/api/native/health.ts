import type { DataPlane, ProxyHandle } from '../../contract.ts';

export interface Health {
  /** Names of declared proxies whose port is not open though nobody closed it. */
  missing(): readonly string[];
}

/**
 * A declared proxy must have listened once. After that its port may be closed on purpose: by hand, or by a fault. Only a
 * port that is closed with nothing to close it counts as missing, so that no supervisor restarts a data plane in mid-run.
 */
export function watchHealth(plane: DataPlane, declared: readonly string[]): Health {
  const seen = new Set<string>();
  return {
    missing() {
      const closedByFault = new Set(plane.state().faults.map((fault) => fault.proxy));
      const excused = (proxy: ProxyHandle) =>
        !proxy.enabled ||
        (seen.has(proxy.name) && (proxy.toxics.length > 0 || closedByFault.has(proxy.name)));
      return declared.filter((name) => {
        const proxy = plane.proxy(name);
        // Removed over the API: no longer declared.
        if (!proxy) return !seen.has(name);
        if (proxy.listening) seen.add(name);
        return !proxy.listening && !excused(proxy);
      });
    },
  };
}
