import type { Clock } from '../core/clock.ts';
import type { Attributes } from '../core/fault.ts';
import type { Ending, ListenerBehaviour, ListenerFault, LiveConnection } from '../faults/contract.ts';
import type { Draw, FaultInForce } from './active-fault.ts';
import type { Link } from './link.ts';
import type { Meter } from './meter.ts';
import type { Denial } from './session.ts';
import { inTurns } from './turns.ts';

/**
 * What the listener faults in force make of the connections of one proxy. Each fault numbers every connection once: the
 * live ones when it comes into force, by age, then each new one.
 */
export class Admission {
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #live: () => Iterable<Link>;
  #gates: readonly Gate[] = [];

  constructor(clock: Clock, meter: Meter, live: () => Iterable<Link>) {
    this.#clock = clock;
    this.#meter = meter;
    this.#live = live;
  }

  /** A fault wants the port closed. */
  get portClosed(): boolean {
    return this.#gates.some((gate) => gate.portClosed);
  }

  /** Puts these faults in force. New ones take hold before old ones let go, so that nothing slips through between. */
  setFaults(faults: readonly FaultInForce[]): void {
    const before = this.#gates;
    this.#gates = faults.map(
      (fault) =>
        before.find((gate) => gate.fault === fault) ??
        new Gate(fault, this.#clock, this.#meter, [...this.#live()]),
    );
    for (const gate of before) if (!this.#gates.includes(gate)) gate.release();
  }

  refresh(changed: ReadonlySet<FaultInForce>): void {
    for (const gate of this.#gates) if (changed.has(gate.fault)) gate.refresh();
  }

  /** Lets a new connection in, closes it, or holds it; `go` is called, once, when nothing holds it any more. */
  admit(link: Link, go: () => void): void {
    let waiting = 1;
    const pass = () => {
      if (--waiting === 0 && !link.ended) go();
    };
    for (const gate of this.#gates) {
      if (link.ended) {
        gate.preempted(link);
        continue;
      }
      const admission = gate.admit(link);
      if (admission?.do !== 'hold') continue;
      waiting++;
      gate.hold(link, pass, admission.until);
    }
    pass();
  }

  /** Whether a fault denies this connection a place now. */
  denialOf(link: Link): Denial | undefined {
    for (const gate of this.#gates) {
      const denial = gate.denialOf(link);
      if (denial) return denial;
    }
    return undefined;
  }

  forget(link: Link): void {
    for (const gate of this.#gates) gate.forget(link);
  }
}

/** One listener fault at work on one proxy. */
class Gate {
  readonly fault: FaultInForce;
  readonly #behaviour: ListenerBehaviour;
  readonly #meter: Meter;
  readonly #taken = new Map<Link, TakenConnection>();
  #randoms = 0;

  constructor(fault: FaultInForce, clock: Clock, meter: Meter, live: readonly Link[]) {
    this.fault = fault;
    this.#meter = meter;
    for (const link of live) this.#judge(link);
    const definition = fault.definition as ListenerFault;
    this.#behaviour = definition.create({
      clock,
      get attributes(): Attributes {
        return fault.attributes;
      },
      random: () => fault.unit('listener', ++this.#randoms),
      shared: (key, make) => fault.shared(key, make),
      live: () => this.#hit(),
      get selective() {
        return fault.selective;
      },
    });
    this.#engage();
  }

  get portClosed(): boolean {
    return this.#behaviour.portClosed === true;
  }

  admit(link: Link) {
    const taken = this.#judge(link);
    if (!taken?.draw.hit) return undefined;
    taken.engaged = true;
    const admission = this.#behaviour.admit?.(taken);
    if (admission?.do === 'close') taken.close(admission.how);
    if (admission?.do === 'deny') taken.deny();
    return admission;
  }

  denialOf(link: Link): Denial | undefined {
    return this.#taken.get(link)?.denial;
  }

  hold(link: Link, pass: () => void, until: (go: () => void) => void): void {
    until(this.#taken.get(link)!.holding(pass));
  }

  preempted(link: Link): void {
    const draw = this.fault.draw({ client: link.address });
    if (draw?.hit) draw.skipped('preempted');
  }

  refresh(): void {
    this.#behaviour.updated?.();
    for (const taken of this.#taken.values()) {
      if (taken.draw.hit || !taken.engaged) continue;
      taken.letGo();
      this.#behaviour.left?.(taken);
    }
    this.#engage();
  }

  forget(link: Link): void {
    const taken = this.#taken.get(link);
    if (!taken) return;
    const { engaged } = taken;
    this.#taken.delete(link);
    taken.letGo();
    if (engaged) this.#behaviour.left?.(taken);
  }

  release(): void {
    this.#behaviour.release();
    for (const taken of this.#taken.values()) taken.letGo();
    this.#taken.clear();
  }

  #judge(link: Link): TakenConnection | undefined {
    const draw = link.ended ? undefined : this.fault.draw({ client: link.address });
    if (!draw) return undefined;
    const taken = new TakenConnection(link, draw, this.#meter);
    this.#taken.set(link, taken);
    return taken;
  }

  #hit(): readonly TakenConnection[] {
    return [...this.#taken.values()].filter(({ draw, ended }) => draw.hit && !ended);
  }

  /** Takes hold of those that the draw hits and that it did not have yet. */
  #engage(): void {
    const fresh = this.#hit().filter(({ engaged }) => !engaged);
    for (const taken of fresh) taken.engaged = true;
    if (fresh.length > 0) this.#behaviour.engage?.(fresh);
  }
}

/** A connection in the hands of one listener fault. */
class TakenConnection implements LiveConnection {
  readonly id: number;
  readonly draw: Draw;
  engaged = false;
  denial: Denial | undefined;
  readonly #meter: Meter;
  readonly #holds = new Set<() => void>();
  readonly #link: Link;

  constructor(link: Link, draw: Draw, meter: Meter) {
    this.id = link.id;
    this.draw = draw;
    this.#link = link;
    this.#meter = meter;
  }

  get ended(): boolean {
    return this.#link.ended;
  }

  close(how: Ending): void {
    if (this.#link.ended) return;
    this.draw.injected();
    this.#link.cutByFault(how);
  }

  deny(): void {
    this.denial = {
      injected: () => {
        this.draw.injected();
        this.#link.markInjected();
      },
      skipped: (reason) => {
        this.denial = undefined;
        this.draw.skipped(reason);
      },
    };
  }

  freeze(): () => void {
    return this.holding(this.#link.freeze());
  }

  /** Counts the connection as held until the answer, or `letGo`, is called. */
  holding(free: () => void): () => void {
    this.draw.injected();
    this.#link.markInjected();
    const counted = this.#meter.hold();
    const handle: Handle = { release: undefined };
    const release = () => {
      handle.release = undefined;
      this.#holds.delete(release);
      inTurns(() => {
        counted();
        free();
      });
    };
    handle.release = release;
    this.#holds.add(release);
    return calling(handle);
  }

  letGo(): void {
    this.engaged = false;
    this.denial = undefined;
    for (const release of [...this.#holds]) release();
  }
}

interface Handle {
  release: (() => void) | undefined;
}

// On its own, so that what a fault keeps of a connection long gone is an empty handle and not the connection.
function calling(handle: Handle): () => void {
  return () => handle.release?.();
}
