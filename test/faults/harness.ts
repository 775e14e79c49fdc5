import type { Attributes } from '../../src/core/fault.ts';
import type {
  BytesBehaviour,
  BytesFault,
  Ending,
  ListenerBehaviour,
  ListenerFault,
  LiveConnection,
} from '../../src/faults/contract.ts';
import { FakeClock } from '../support/fake-clock.ts';

export interface PlayedBytes {
  readonly clock: FakeClock;
  readonly behaviour: BytesBehaviour;
  /** What came out, each with its time: `100 abc`, `100 end`, `100 fin`, `100 rst`. */
  readonly out: readonly string[];
  readonly injections: number;
  push(text: string): void;
  change(attributes: Record<string, unknown>): void;
}

interface Play {
  readonly opened?: 'before' | 'after';
  readonly random?: () => number;
  readonly clock?: FakeClock;
  readonly shared?: Map<string, unknown>;
}

/** One connection's stream under a bytes fault, on a clock that the test moves. */
export function playBytes<A extends Attributes>(
  fault: BytesFault<A>,
  given: Record<string, unknown>,
  { opened = 'after', random = () => 0.5, clock = new FakeClock(), shared = new Map() }: Play = {},
): PlayedBytes {
  let attributes = fault.attributes.parse(given);
  let injections = 0;
  const out: string[] = [];
  const note = (text: string) => out.push(`${Math.round(clock.now())} ${text}`);
  const behaviour = fault.create({
    clock,
    opened,
    get attributes() {
      return attributes;
    },
    random,
    shared: sharedIn(shared),
    emit: (chunk) => void note(chunk.toString()),
    emitEnd: () => void note('end'),
    close: (how) => void note(how),
    injected: () => void injections++,
  });
  return {
    clock,
    behaviour,
    out,
    get injections() {
      return injections;
    },
    push: (text) => behaviour.push(Buffer.from(text)),
    change(changed) {
      attributes = fault.attributes.parse(changed);
      behaviour.updated?.();
    },
  };
}

export interface PlayedConnection extends LiveConnection {
  closedBy: Ending | undefined;
  frozen: boolean;
}

export function connection(id: number): PlayedConnection {
  return {
    id,
    closedBy: undefined,
    frozen: false,
    close(how) {
      this.closedBy = how;
    },
    freeze() {
      this.frozen = true;
      return () => {
        this.frozen = false;
      };
    },
  };
}

/** A proxy's listener under a listener fault; `live` are its connections. */
export function playListener<A extends Attributes>(
  fault: ListenerFault<A>,
  given: Record<string, unknown>,
  live: readonly PlayedConnection[] = [],
  { selective = false, random = () => 0.5 }: { selective?: boolean; random?: () => number } = {},
) {
  const clock = new FakeClock();
  let attributes = fault.attributes.parse(given);
  const behaviour: ListenerBehaviour = fault.create({
    clock,
    get attributes() {
      return attributes;
    },
    random,
    selective,
    shared: sharedIn(new Map()),
    live: () => live.filter(({ closedBy }) => closedBy === undefined),
  });
  behaviour.engage?.(live);
  return {
    clock,
    behaviour,
    change(changed: Record<string, unknown>) {
      attributes = fault.attributes.parse(changed);
      behaviour.updated?.();
    },
  };
}

function sharedIn(values: Map<string, unknown>) {
  return <T>(key: string, make: () => T): T => {
    if (!values.has(key)) values.set(key, make());
    return values.get(key) as T;
  };
}
