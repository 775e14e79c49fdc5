/** One autocannon instance's part of the load. */
export interface Lane {
  readonly connections: number;
  /** Requests a second over its connections; not less than `connections`. */
  readonly rate: number;
  /** When it begins, ms after the first. */
  readonly delayMs: number;
}

const MOST_LANES = 20;

/**
 * Splits a load into lanes that begin one after the other within a second. autocannon sends what a connection may send in a
 * second at the second's start; in a single instance the whole load would come as one burst a second.
 * A rate below the connections leaves connections out, as each sends at least once a second.
 */
export function lanesOf(connections: number, rate: number): readonly Lane[] {
  const whole = Math.max(1, Math.round(rate));
  const used = Math.max(1, Math.min(Math.round(connections), whole));
  const count = Math.min(used, MOST_LANES);
  return Array.from({ length: count }, (_, lane) => ({
    connections: part(used, count, lane),
    rate: Array.from({ length: used }, (_, connection) =>
      connection % count === lane ? part(whole, used, connection) : 0,
    ).reduce((sum, share) => sum + share, 0),
    delayMs: Math.round((lane * 1000) / count),
  }));
}

/** The share of `index` when `total` whole things are dealt out to `among`. */
function part(total: number, among: number, index: number): number {
  return Math.floor(total / among) + (index < total % among ? 1 : 0);
}
