import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../core/clock.ts';
import { FaultlineError, haltedError } from '../core/errors.ts';
import type { FaultSetRequest, FaultSetState } from '../core/fault.ts';
import { byWhom, type Halt } from '../core/halt.ts';
import type { Observation } from '../core/observation.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import type { ConnectionInfo, DataPlane, HttpForwarder, HttpHost, ProxyHandle } from './contract.ts';
import { FaultSet, prepareFaults } from './fault-set.ts';
import { Leases, readLease } from './leases.ts';
import { LiveProxy } from './live-proxy.ts';
import { Observations } from './observations.ts';

export interface DataPlaneOptions {
  readonly clock?: Clock;
  readonly createForwarder: (host: HttpHost) => HttpForwarder;
  readonly log?: (line: string) => void;
}

/** A data plane without its API: proxies, the two sets of faults, and what is seen of them. */
export function createDataPlane({
  clock = systemClock,
  createForwarder,
  log = () => {},
}: DataPlaneOptions): DataPlane {
  return new Plane(clock, createForwarder, log);
}

type Ended = NonNullable<FaultSetState['previous']>;

class Plane implements DataPlane {
  readonly instance = randomUUID();
  readonly #clock: Clock;
  readonly #createForwarder: (host: HttpHost) => HttpForwarder;
  readonly #log: (line: string) => void;
  readonly #proxies = new Map<string, LiveProxy>();
  readonly #leases: Leases;
  readonly #observations: Observations;
  #set: FaultSet | undefined;
  #lastEnded: Ended | undefined;
  #halted: Halt | undefined;
  /** The epoch that counts began with. */
  #countedEpoch = 0;
  #connections = 0;

  constructor(clock: Clock, createForwarder: (host: HttpHost) => HttpForwarder, log: (line: string) => void) {
    this.#clock = clock;
    this.#createForwarder = createForwarder;
    this.#log = log;
    this.#leases = new Leases(clock, () => this.#takeBack('expired'));
    this.#observations = new Observations(clock, () => this.observation());
  }

  proxies(): readonly ProxyHandle[] {
    return [...this.#proxies.values()];
  }

  proxy(name: string): ProxyHandle | undefined {
    return this.#proxies.get(name);
  }

  async addProxy(declaration: ProxyDeclaration, enabled: boolean): Promise<ProxyHandle> {
    const proxy = new LiveProxy({
      declaration,
      clock: this.#clock,
      createForwarder: this.#createForwarder,
      instance: this.instance,
      nextConnection: () => ++this.#connections,
      refuseWhenHalted: () => this.#refuseWhenHalted(),
      listened: () => this.#observations.listened,
      log: this.#log,
    });
    if (enabled) await proxy.enable();
    this.#proxies.set(declaration.name, proxy);
    return proxy;
  }

  async removeProxy(name: string): Promise<void> {
    const proxy = this.#proxies.get(name);
    this.#proxies.delete(name);
    await proxy?.close();
  }

  putFaults(request: FaultSetRequest): FaultSetState {
    this.#leases.check();
    this.#refuseWhenHalted();
    if (request.instance !== undefined && request.instance !== this.instance)
      throw new FaultlineError('OTHER_INSTANCE', { instance: this.instance, asked: request.instance });
    const ms = readLease(request.lease);
    const { run, epoch } = request;
    const kind = this.#leases.judge(run, epoch);
    const prepared = prepareFaults(request, this.#declarations());
    if (kind === 'renewal' && this.#set) {
      const changed = this.#set.renew(request, prepared);
      this.#leases.grant(run, epoch, ms);
      for (const name of new Set([...changed].map(({ proxy }) => proxy)))
        this.#proxies.get(name)?.refresh(changed);
      return this.state();
    }
    return this.#begin(request, new FaultSet(request, prepared), ms);
  }

  emptyFaults(epoch?: number): FaultSetState {
    this.#leases.check();
    if (this.#leases.end(epoch)) this.#takeBack('emptied');
    return this.state();
  }

  state(): FaultSetState {
    this.#leases.check();
    const set = this.#set;
    return {
      instance: this.instance,
      epoch: set?.epoch ?? this.#leases.highest,
      ...(set ? { run: set.run } : {}),
      expiresIn: this.#leases.expiresIn,
      faults: set?.counted ?? [],
      ...(!set && this.#lastEnded ? { previous: this.#lastEnded } : {}),
      ...(this.#halted ? { halted: this.#halted } : {}),
    };
  }

  halt(reason: string, by?: string): void {
    const since = new Date(this.#clock.wall()).toISOString();
    this.#halted ??= { reason, since, ...(by === undefined ? {} : { by }) };
    this.#leases.end();
    this.#takeBack('halted');
    for (const proxy of this.#proxies.values()) {
      proxy.removeAllToxics();
      proxy.forceEnable();
    }
    this.#log(`halted${byWhom({ by })}: ${reason}`);
  }

  lift(by?: string): void {
    this.#halted = undefined;
    this.#log(`halt lifted${byWhom({ by })}`);
  }

  observe(listener: (observation: Observation) => void): () => void {
    return this.#observations.add(listener);
  }

  observation(): Observation {
    return {
      t: new Date(this.#clock.wall()).toISOString(),
      mono: Math.round(this.#clock.now()),
      instance: this.instance,
      epoch: this.#countedEpoch,
      cohort: 'all',
      proxies: Object.fromEntries([...this.#proxies].map(([name, proxy]) => [name, proxy.observe()])),
    };
  }

  connections(): readonly ConnectionInfo[] {
    return [...this.#proxies.values()].flatMap((proxy) => proxy.connections());
  }

  closeConnections(name?: string): number {
    let closed = 0;
    for (const proxy of this.#proxies.values())
      if (name === undefined || proxy.name === name) closed += proxy.closeConnections();
    return closed;
  }

  async close(): Promise<void> {
    this.#leases.end();
    this.#takeBack('emptied');
    this.#observations.close();
    await Promise.all([...this.#proxies.keys()].map((name) => this.removeProxy(name)));
  }

  #begin({ run, epoch }: FaultSetRequest, set: FaultSet, ms: number): FaultSetState {
    this.#observations.tell();
    const replaced = this.#set;
    this.#set = set;
    this.#countedEpoch = epoch;
    for (const proxy of this.#proxies.values()) proxy.newEpoch(set.on(proxy.name));
    this.#leases.grant(run, epoch, ms);
    if (!replaced) return this.state();
    this.#lastEnded = endedBy('replaced', replaced);
    return { ...this.state(), previous: this.#lastEnded };
  }

  #takeBack(ended: Ended['ended']): void {
    const set = this.#set;
    if (!set) return;
    this.#set = undefined;
    for (const proxy of this.#proxies.values()) {
      try {
        proxy.setLeased([]);
      } catch (error) {
        // The other proxies must be emptied all the same, and this one is only safe without its connections.
        this.#log(`taking faults back from ${proxy.name} failed: ${(error as Error).message}`);
        proxy.closeConnections();
      }
    }
    this.#lastEnded = endedBy(ended, set);
    this.#log(`faults of run ${set.run}, epoch ${set.epoch}: ${ended}`);
  }

  #declarations(): ReadonlyMap<string, ProxyDeclaration> {
    return new Map([...this.#proxies].map(([name, { declaration }]) => [name, declaration]));
  }

  #refuseWhenHalted(): void {
    if (this.#halted) throw haltedError(this.#halted);
  }
}

function endedBy(ended: Ended['ended'], set: FaultSet): Ended {
  return { run: set.run, epoch: set.epoch, ended, faults: set.counted };
}
