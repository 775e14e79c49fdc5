import type { DataPlane } from '../../contract.ts';

/**
 * Names of proxies that should listen and do not: those not opened yet, and those whose port could not be taken again. A
 * port that is closed by hand or by a fault is no failing: no supervisor should restart a data plane in mid-run for it.
 */
export function notListening(plane: DataPlane, opening: ReadonlySet<string>): readonly string[] {
  const failed = plane.proxies().filter(({ enabled, error }) => enabled && error !== undefined);
  return [...new Set([...opening, ...failed.map(({ name }) => name)])];
}
