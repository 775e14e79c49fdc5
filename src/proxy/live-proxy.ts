import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Attributes, FaultCounts } from '../core/fault.ts';
import type { ProxyObservation } from '../core/observation.ts';
import { isHttp, type ProxyDeclaration } from '../core/protocol.ts';
import type { FaultInForce } from './active-fault.ts';
import { Admission } from './admission.ts';
import { Canaries, UNCOUNTED } from './canaries.ts';
import type { ClientWatch } from './clients/watch.ts';
import type {
  ConnectionInfo,
  HttpForwarder,
  HttpHost,
  ManualToxic,
  ProxyHandle,
  ProxyMeter,
} from './contract.ts';
import { plainAddress } from './host-port.ts';
import { type Course, Link } from './link.ts';
import { linkEnds, type Side } from './link-end.ts';
import { Listener } from './listener.ts';
import { ManualToxics } from './manual-toxics.ts';
import { type LinkMeter, Meter } from './meter.ts';
import { type Denial, sessionOf } from './session.ts';
import type { SessionHost } from './session-seat.ts';
import { type Security, securityOf } from './tls/index.ts';
import { startInnerLink, wireMeter } from './tls/inner-link.ts';
import { dialForTls, dialTcp } from './upstream.ts';

export interface LiveProxyOptions {
  readonly declaration: ProxyDeclaration;
  readonly clock: Clock;
  readonly createForwarder: (host: HttpHost) => HttpForwarder;
  /** Seeds what manual toxics draw. */
  readonly instance: string;
  readonly nextConnection: () => number;
  /** Throws where the data plane is halted. */
  readonly refuseWhenHalted: () => void;
  /** Somebody follows the observations. */
  readonly listened: () => boolean;
  readonly log: (line: string) => void;
}

/** What one connection has for itself. */
interface Own {
  readonly meter: LinkMeter & ProxyMeter;
  readonly clients?: ClientWatch;
  readonly denial: () => Denial | undefined;
}

/** A declared proxy: its port, its connections, and the faults in force on it. */
export class LiveProxy implements ProxyHandle {
  readonly name: string;
  readonly #options: LiveProxyOptions;
  readonly #meter: Meter;
  readonly #links = new Set<Link>();
  /** Behind those whose client's TLS ends here. */
  readonly #innerLinks = new Set<Link>();
  readonly #security: Security;
  readonly #admission: Admission;
  readonly #canaries: Canaries;
  readonly #manual: ManualToxics;
  #declaration: ProxyDeclaration;
  #listener: Listener;
  #forwarder: HttpForwarder | undefined;
  #enabled = false;
  #leased: readonly FaultInForce[] = [];
  /** The leased faults of the epoch, also after they were taken back. */
  #counted: readonly FaultInForce[] = [];
  #listenerFaults: readonly FaultInForce[] = [];
  #bytesFaults: readonly FaultInForce[] = [];
  #httpFaults: readonly FaultInForce[] = [];
  #messageFaults: readonly FaultInForce[] = [];
  readonly #session: SessionHost | undefined;

  constructor(options: LiveProxyOptions) {
    this.#options = options;
    this.#declaration = options.declaration;
    this.name = options.declaration.name;
    const { protocol } = options.declaration;
    const unit = isHttp(protocol) ? 'request' : sessionOf(protocol) ? 'message' : 'connection';
    this.#meter = new Meter(options.clock, unit, options.listened);
    this.#security = securityOf(() => this.#declaration, options.log);
    this.#session = this.#newSessionHost();
    this.#admission = new Admission(options.clock, this.#meter, () => this.#links);
    this.#canaries = new Canaries(options.clock);
    this.#manual = new ManualToxics(options.instance);
    this.#listener = this.#newListener();
    this.#forwarder = this.#newForwarder();
  }

  get declaration(): ProxyDeclaration {
    return { ...this.#declaration, listen: this.#listener.address };
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  get listening(): boolean {
    return this.#listener.listening;
  }

  get error(): string | undefined {
    return this.#listener.error;
  }

  get toxics(): readonly ManualToxic[] {
    return this.#manual.toxics;
  }

  expectCanary(port: number): void {
    this.#canaries.expect(port);
  }

  async enable(): Promise<void> {
    if (this.#enabled) return;
    this.#enabled = true;
    try {
      if (!this.#admission.portClosed) await this.#listener.open();
    } catch (error) {
      this.#enabled = false;
      this.#listener.close();
      throw error;
    }
  }

  /** Enables a proxy that was disabled by hand, and goes on trying where its port is taken. */
  forceEnable(): void {
    this.#enabled = true;
    this.#reconcilePort();
  }

  async disable(): Promise<void> {
    this.#options.refuseWhenHalted();
    this.#stop();
  }

  async update(change: { listen?: string; upstream?: string }): Promise<void> {
    const enabled = this.#enabled;
    this.#stop();
    await this.#forwarder?.close();
    this.#declaration = {
      ...this.#declaration,
      listen: change.listen ?? this.#listener.address,
      upstream: change.upstream ?? this.#declaration.upstream,
    };
    this.#listener = this.#newListener();
    this.#forwarder = this.#newForwarder();
    if (enabled) await this.enable();
  }

  addToxic(toxic: ManualToxic): void {
    this.#options.refuseWhenHalted();
    this.#manual.add(toxic, this.#declaration);
    this.#putInForce();
  }

  updateToxic(name: string, change: { attributes?: Attributes; toxicity?: number }): void {
    this.#options.refuseWhenHalted();
    const changed = this.#manual.update(name, change, this.#declaration);
    if (changed) this.refresh(new Set([changed]));
  }

  removeToxic(name: string): void {
    this.#manual.remove(name);
    this.#putInForce();
  }

  removeAllToxics(): void {
    this.#manual.clear();
    this.#putInForce();
  }

  /** Replaces the leased faults on this proxy. */
  setLeased(faults: readonly FaultInForce[]): void {
    if (faults.length === 0 && this.#leased.length === 0) return;
    this.#leased = faults;
    this.#putInForce();
  }

  /** Values of these faults changed. */
  refresh(changed: ReadonlySet<FaultInForce>): void {
    this.#admission.refresh(changed);
    for (const link of this.#links) link.refresh(changed);
    for (const link of this.#innerLinks) link.messagesChanged();
    this.#reconcilePort();
  }

  connections(): readonly ConnectionInfo[] {
    const now = this.#options.clock.now();
    return [...this.#links].map(({ id, address, openedAt, bytes }) => ({
      id,
      proxy: this.name,
      client: address,
      ageMs: Math.round(now - openedAt),
      bytes: { ...bytes },
    }));
  }

  closeConnections(): number {
    const links = [...this.#links];
    for (const link of links) link.destroy();
    return links.length;
  }

  observe(): ProxyObservation {
    const held: number[] = [];
    for (const { heldSince } of this.#links) if (heldSince !== undefined) held.push(heldSince);
    const faults: Record<string, FaultCounts> = {};
    for (const fault of this.#counted) faults[fault.id] = fault.counts;
    return this.#meter.observe(held, faults);
  }

  /** Counts begin anew, and these are the leased faults. */
  newEpoch(faults: readonly FaultInForce[]): void {
    this.#meter.newEpoch();
    this.#counted = faults;
    this.setLeased(faults);
  }

  async close(): Promise<void> {
    this.#stop();
    this.#manual.clear();
    this.#leased = [];
    this.#putInForce();
    await this.#forwarder?.close();
  }

  #stop(): void {
    this.#enabled = false;
    this.#listener.close();
    this.closeConnections();
  }

  /** Makes what acts on ports, connections and requests follow the two sets, all in this tick. */
  #putInForce(): void {
    const before = [
      ...this.#bytesFaults,
      ...this.#httpFaults,
      ...this.#listenerFaults,
      ...this.#messageFaults,
    ];
    const faults = [...this.#manual.faults, ...this.#leased];
    const of = (layer: string) => faults.filter(({ definition }) => definition.layer === layer);
    this.#httpFaults = of('http');
    this.#bytesFaults = of('bytes');
    this.#listenerFaults = of('listener');
    const messages = of('message');
    const messagesChanged = messages.length > 0 || this.#messageFaults.length > 0;
    this.#messageFaults = messages;
    this.#admission.setFaults(this.#listenerFaults);
    for (const link of this.#links) link.setFaults(this.#bytesFaults, 'before');
    for (const fault of before) if (!faults.includes(fault)) fault.release();
    if (messagesChanged) for (const link of [...this.#links, ...this.#innerLinks]) link.messagesChanged();
    this.#reconcilePort();
  }

  #reconcilePort(): void {
    const open = this.#enabled && !this.#admission.portClosed;
    if (!open) this.#listener.close();
    else if (!this.#listener.listening) this.#listener.keepOpen();
  }

  #newListener(): Listener {
    return new Listener({
      listen: this.#declaration.listen,
      clock: this.#options.clock,
      accept: (socket) => this.#accept(socket),
    });
  }

  #newForwarder(): HttpForwarder | undefined {
    if (!isHttp(this.#declaration.protocol)) return undefined;
    const faults = () => this.#httpFaults;
    const { clients } = this.#meter;
    return this.#options.createForwarder({
      declaration: this.#declaration,
      faults,
      meter: this.#meter,
      ...(clients ? { clients } : {}),
    });
  }

  #newSessionHost(): SessionHost | undefined {
    const create = sessionOf(this.#declaration.protocol);
    if (!create) return undefined;
    const values = new Map<string, unknown>();
    return {
      create: (context) => create(context, { declaration: this.#declaration, log: this.#options.log }),
      meter: this.#meter,
      faults: () => this.#messageFaults,
      shared: <T>(key: string, make: () => T): T => {
        if (!values.has(key)) values.set(key, make());
        return values.get(key) as T;
      },
      failed: (error) =>
        this.#options.log(`a connection of ${this.name} was given up: ${(error as Error).stack ?? error}`),
    };
  }

  #accept(socket: Socket): void {
    const id = this.#options.nextConnection();
    const { clock } = this.#options;
    const address = plainAddress(socket.remoteAddress);
    const closed = (link: Link) => {
      this.#links.delete(link);
      this.#admission.forget(link);
    };
    const canary = this.#canaries.takes(socket);
    const meter = canary ? UNCOUNTED : this.#meter;
    const { clients } = this.#meter;
    const own = {
      meter,
      ...(clients && !canary ? { clients } : {}),
      denial: (): Denial | undefined => this.#admission.denialOf(link),
    };
    const around = { id, client: socket, address, clock, closed, meter };
    const link = new Link(
      this.#forwarder
        ? { ...around, dial: () => this.#dialForwarder(address) }
        : this.#security.client
          ? {
              ...around,
              meter: wireMeter(meter),
              dial: (course) => this.#dialInside(id, address, course, own),
            }
          : { ...around, ...this.#towardsUpstream(own) },
    );
    if (!canary) this.#meter.opened();
    link.setFaults(this.#bytesFaults, 'after');
    this.#links.add(link);
    this.#admission.admit(link, () => link.start());
  }

  #dialForwarder(address: string): Side {
    const { near, far } = linkEnds();
    this.#forwarder?.accept(near, address);
    return far;
  }

  #dialInside(id: number, address: string, course: Course, own: Own): Side {
    const { link, far } = startInnerLink({
      ...this.#towardsUpstream(own),
      id,
      address,
      course,
      clock: this.#options.clock,
      closed: (closed) => this.#innerLinks.delete(closed),
    });
    this.#innerLinks.add(link);
    return far;
  }

  #towardsUpstream(own: Own) {
    const { upstream } = this.#declaration;
    return {
      dial: () => (this.#security.upstream ? dialForTls(upstream) : dialTcp(upstream)),
      session: this.#session && { ...this.#session, ...own },
      security: this.#security,
      meter: own.meter,
    };
  }
}
