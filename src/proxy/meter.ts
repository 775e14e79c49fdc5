import type { Clock } from '../core/clock.ts';
import type { FaultCounts } from '../core/fault.ts';
import type { ProxyObservation, StatusCounts } from '../core/observation.ts';
import { ClientWatch } from './clients/watch.ts';
import type { ProxyMeter } from './contract.ts';
import { MicrosecondHistogram } from './histogram.ts';

/** What a link tells its proxy's meter. */
export interface LinkMeter {
  up(bytes: number): void;
  down(bytes: number): void;
  /** `ms` since the connection was accepted. */
  firstByte(ms: number, injected: boolean): void;
  /** `made`: its upstream was reached. */
  closed(how: {
    readonly reset: boolean;
    readonly broken: boolean;
    readonly injected: boolean;
    readonly made: boolean;
  }): void;
}

/** What a proxy's traffic is counted in: a connection, where no layer above sees anything smaller. */
export type UnitKind = 'connection' | 'message' | 'request';

interface Counters {
  opened: number;
  closed: number;
  reset: number;
  up: number;
  down: number;
  units: number;
  retries: number;
  sentOn: number;
  retriesSentOn: number;
  readonly status: Map<string, { organic: number; injected: number }>;
  readonly latency: { readonly organic: MicrosecondHistogram; readonly injected: MicrosecondHistogram };
}

/** Counts of one proxy since the epoch began. What is open or held now outlives epochs. */
export class Meter implements ProxyMeter, LinkMeter {
  readonly #clock: Clock;
  readonly #unit: UnitKind;
  /** Beginnings of what is held, the oldest first. */
  readonly #holds = new Set<{ readonly since: number }>();
  #counters = zero();
  #open = 0;
  /** How clients take their answers, where the protocol shows requests. */
  readonly clients: ClientWatch | undefined;

  /** `listened`: somebody follows the observations. */
  constructor(clock: Clock, unit: UnitKind, listened: () => boolean = () => true) {
    this.#clock = clock;
    this.#unit = unit;
    if (unit !== 'connection') this.clients = new ClientWatch(clock, listened);
  }

  unit(): void {
    this.#counters.units++;
  }

  answered(status: string, injected: boolean, firstByteUs?: number, times = 1): void {
    const known = this.#counters.status.get(status);
    const counts = known ?? { organic: 0, injected: 0 };
    counts[injected ? 'injected' : 'organic'] += times;
    if (!known) this.#counters.status.set(status, counts);
    if (firstByteUs !== undefined) this.#latency(injected, firstByteUs, times);
  }

  retry(): void {
    this.#counters.retries++;
  }

  sentOn(retry: boolean): void {
    this.#counters.sentOn++;
    if (retry) this.#counters.retriesSentOn++;
  }

  hold(): () => void {
    const token = { since: this.#clock.now() };
    this.#holds.add(token);
    return () => this.#holds.delete(token);
  }

  opened(): void {
    this.#open++;
    this.#counters.opened++;
    if (this.#unit === 'connection') this.unit();
  }

  up(bytes: number): void {
    this.#counters.up += bytes;
  }

  down(bytes: number): void {
    this.#counters.down += bytes;
  }

  firstByte(ms: number, injected: boolean): void {
    if (this.#unit === 'connection') this.#latency(injected, ms * 1000);
  }

  closed({ reset, broken, injected, made }: Parameters<LinkMeter['closed']>[0]): void {
    this.#open--;
    this.#counters.closed++;
    if (reset) this.#counters.reset++;
    if (this.#unit === 'connection') this.answered(broken ? 'error' : 'ok', injected);
    else if (this.#unit === 'message' && broken && !made) {
      // The client's first statement or command had nobody to go to.
      this.unit();
      this.answered('error', injected);
    }
  }

  newEpoch(): void {
    this.#counters = zero();
    this.clients?.newEpoch();
  }

  /** `linksHeldSince`: since when each connection that bytes faults hold back is held. */
  observe(
    linksHeldSince: readonly number[],
    faults: Readonly<Record<string, FaultCounts>>,
  ): ProxyObservation {
    const { opened, closed, reset, up, down, units, retries, sentOn, retriesSentOn, status, latency } =
      this.#counters;
    const [longest] = this.#holds;
    const oldest = linksHeldSince.reduce((left, right) => Math.min(left, right), longest?.since ?? Infinity);
    const open = linksHeldSince.length + this.#holds.size;
    return {
      connections: { open: this.#open, new: opened, closed, reset },
      bytes: { up, down },
      units,
      status: Object.fromEntries(
        [...status].map(([name, counts]): [string, StatusCounts] => [name, { ...counts }]),
      ),
      latency: { organic: latency.organic.text, injected: latency.injected.text },
      retries,
      ...(this.#unit === 'request' ? { sentOn: { requests: sentOn, retries: retriesSentOn } } : {}),
      ...(this.clients ? { clients: this.clients.observe() } : {}),
      held: { open, longestMs: open === 0 ? 0 : Math.round(this.#clock.now() - oldest) },
      faults,
    };
  }

  #latency(injected: boolean, microseconds: number, times = 1): void {
    this.#counters.latency[injected ? 'injected' : 'organic'].record(microseconds, times);
  }
}

function zero(): Counters {
  return {
    opened: 0,
    closed: 0,
    reset: 0,
    up: 0,
    down: 0,
    units: 0,
    retries: 0,
    sentOn: 0,
    retriesSentOn: 0,
    status: new Map(),
    latency: { organic: new MicrosecondHistogram(), injected: new MicrosecondHistogram() },
  };
}
