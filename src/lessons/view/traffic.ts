import type { ClientBehaviour, Observation, ProxyObservation, StatusCounts } from '../../core/observation.ts';
import { ofType, type TimedEvent } from './clock.ts';

/** What one proxy did between two observations. */
export interface TrafficTick {
  readonly from: number;
  readonly to: number;
  readonly units: number;
  readonly status: Readonly<Record<string, StatusCounts>>;
  readonly retries: number;
  /** Both directions. */
  readonly bytes: number;
  readonly connections: { readonly new: number; readonly closed: number; readonly reset: number };
  /** The tick begins a new epoch or a new data plane. */
  readonly fresh: boolean;
  readonly epoch: number;
  /** Cumulative histograms at its end. */
  readonly latency: ProxyObservation['latency'];
  /** Connections at its end, and what a fault held then. */
  readonly open: number;
  readonly held: ProxyObservation['held'];
  /** What was seen of clients from the beginning of the epoch to its end. */
  readonly clients: ClientBehaviour | undefined;
}

export interface Traffic {
  readonly seconds: number;
  readonly units: number;
  readonly organicOk: number;
  readonly organicErrors: number;
  readonly injected: number;
  /** Answers that are no error and answers that are, whoever made them. */
  readonly ok: number;
  readonly errors: number;
  readonly retries: number;
  readonly newConnections: number;
  readonly closed: number;
  readonly bytes: number;
}

/** Per proxy, what happened from observation to observation. Counts are cumulative since an epoch began, so they are differenced. */
export function trafficOf(events: readonly TimedEvent[]): ReadonlyMap<string, readonly TrafficTick[]> {
  const result = new Map<string, TrafficTick[]>();
  let last: { at: number; observation: Observation } | undefined;
  for (const event of ofType(events, 'observation')) {
    const { observation } = event;
    if (last) for (const [proxy, now] of Object.entries(observation.proxies)) add(proxy, now);
    // The first one counts since an unknown moment: it is only what the next is held against.
    last = { at: event.at, observation };

    function add(proxy: string, now: ProxyObservation): void {
      const same =
        last!.observation.instance === observation.instance && last!.observation.epoch === observation.epoch;
      const before = same ? last!.observation.proxies[proxy] : undefined;
      const fresh = before === undefined || now.units < before.units;
      const ticks = result.get(proxy) ?? [];
      ticks.push(tick(fresh ? undefined : before, now, last!.at, event.at, observation.epoch));
      result.set(proxy, ticks);
    }
  }
  return result;
}

function tick(
  before: ProxyObservation | undefined,
  now: ProxyObservation,
  from: number,
  to: number,
  epoch: number,
): TrafficTick {
  const status: Record<string, StatusCounts> = {};
  for (const [code, counts] of Object.entries(now.status)) {
    const organic = less(counts.organic, before?.status[code]?.organic);
    const injected = less(counts.injected, before?.status[code]?.injected);
    if (organic > 0 || injected > 0) status[code] = { organic, injected };
  }
  return {
    from,
    to,
    epoch,
    fresh: before === undefined,
    units: less(now.units, before?.units),
    retries: less(now.retries, before?.retries),
    bytes: less(now.bytes.up, before?.bytes.up) + less(now.bytes.down, before?.bytes.down),
    status,
    connections: {
      new: less(now.connections.new, before?.connections.new),
      closed: less(now.connections.closed, before?.connections.closed),
      reset: less(now.connections.reset, before?.connections.reset),
    },
    latency: now.latency,
    open: now.connections.open,
    held: now.held,
    clients: now.clients,
  };
}

function less(now: number, before = 0): number {
  return Math.max(0, now - before);
}

/** Whether a status is an error: HTTP 400 and above, no answer, or any SQLSTATE or Redis error code. */
export function isError(status: string): boolean {
  if (/^[1-5]\d\d$/.test(status)) return Number(status) >= 400;
  return !/^(ok|00000)$/i.test(status);
}

/** Ticks whose middle lies in the span. */
export function ticksIn(ticks: readonly TrafficTick[], from: number, to: number): readonly TrafficTick[] {
  return ticks.filter((tick) => {
    const middle = (tick.from + tick.to) / 2;
    return middle >= from && middle < to;
  });
}

/** Sums the ticks whose middle lies in the span. */
export function trafficIn(ticks: readonly TrafficTick[], from: number, to: number): Traffic {
  const sum = {
    seconds: 0,
    units: 0,
    organicOk: 0,
    organicErrors: 0,
    injected: 0,
    ok: 0,
    errors: 0,
    retries: 0,
    newConnections: 0,
    closed: 0,
    bytes: 0,
  };
  for (const tick of ticksIn(ticks, from, to)) {
    sum.seconds += (tick.to - tick.from) / 1000;
    sum.units += tick.units;
    sum.retries += tick.retries;
    sum.bytes += tick.bytes;
    sum.newConnections += tick.connections.new;
    sum.closed += tick.connections.closed;
    for (const [code, counts] of Object.entries(tick.status)) {
      sum.injected += counts.injected;
      sum[isError(code) ? 'errors' : 'ok'] += counts.organic + counts.injected;
      if (isError(code)) sum.organicErrors += counts.organic;
      else sum.organicOk += counts.organic;
    }
  }
  return sum;
}
