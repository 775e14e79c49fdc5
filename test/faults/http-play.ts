import type { Attributes } from '../../src/core/fault.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import type { AnyFault, HttpBehaviour, HttpFault, RequestView } from '../../src/faults/contract.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** One HTTP fault on one request, with a clock that moves only when told to. */
export interface HttpPlay {
  readonly clock: FakeClock;
  readonly behaviour: HttpBehaviour;
  readonly counts: { injected: number; skipped: string[] };
  /** Holds asked for, ms. */
  readonly holds: number[];
  takeBack(): void;
}

interface PlayOptions {
  readonly protocol?: Protocol;
  readonly request?: Partial<RequestView>;
  /** What the unit draws; in turn. */
  readonly draws?: readonly number[];
  /** What units of one fault share; by default nothing. */
  readonly shared?: Map<string, unknown>;
  readonly clock?: FakeClock;
}

export function playHttp(definition: AnyFault, attributes: Attributes, options: PlayOptions = {}): HttpPlay {
  const { clock = new FakeClock(), shared = new Map<string, unknown>() } = options;
  const counts = { injected: 0, skipped: [] as string[] };
  const holds: number[] = [];
  const letGo = new Set<() => void>();
  const draws = [...(options.draws ?? [])];
  const behaviour = (definition as HttpFault).create({
    clock,
    attributes: definition.attributes.parse(attributes) as Attributes,
    request: {
      protocol: options.protocol ?? 'openai',
      method: 'POST',
      path: '/v1/chat/completions',
      headers: {},
      model: 'gpt-4o',
      streaming: true,
      array: false,
      usage: false,
      bodyBytes: 0,
      ...options.request,
    },
    random: () => draws.shift() ?? 0.5,
    shared<T>(key: string, make: () => T): T {
      if (!shared.has(key)) shared.set(key, make());
      return shared.get(key) as T;
    },
    hold(ms) {
      holds.push(ms);
      return new Promise((resolve) => {
        letGo.add(resolve);
        if (Number.isFinite(ms)) clock.after(ms, resolve);
      });
    },
    injected: () => {
      counts.injected++;
    },
    skipped: (reason) => counts.skipped.push(reason),
  });
  return { clock, behaviour, counts, holds, takeBack: () => letGo.forEach((resolve) => void resolve()) };
}

/** The attributes of a fault as its schema reads them. */
export function read(definition: AnyFault, attributes: Attributes = {}): Attributes {
  return definition.attributes.parse(attributes) as Attributes;
}

/** Tells whether a promise has settled by now. */
export async function settled(promise: unknown): Promise<boolean> {
  const pending = Symbol('pending');
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}
