import type { Attributes, CountedFault, FaultCounts, FaultSpec, Match, Stream } from '../core/fault.ts';
import { seededUnit } from '../core/hash.ts';
import type { AnyFault, MatchKey } from '../faults/contract.ts';
import type { ActiveFault, Taken, UnitFacts } from './contract.ts';
import { compileKeys, compileMatch } from './match.ts';
import { Numbering } from './numbering.ts';
import { Release, type Released } from './release.ts';

/** A fault that was checked and only needs to be put in force. */
export interface PreparedFault {
  readonly id: string;
  readonly proxy: string;
  readonly definition: AnyFault;
  readonly stream: Stream;
  readonly toxicity: number;
  readonly match: Match | undefined;
  readonly attributes: Attributes;
}

/** Whether a unit is one that leased faults leave alone. */
export type IsExempt = (facts: UnitFacts) => boolean;

/** One fault in force on one proxy, with its numbers, draws and counts. */
export class FaultInForce implements ActiveFault {
  readonly id: string;
  readonly definition: AnyFault;
  readonly stream: Stream;
  readonly origin: 'manual' | 'leased';
  readonly #prepared: PreparedFault;
  readonly #seed: string | number;
  readonly #matches: (facts: UnitFacts) => boolean;
  readonly matches: (key: MatchKey, text: string) => boolean;
  readonly #numbering: Numbering;
  readonly #isExempt: IsExempt | undefined;
  readonly #shared = new Map<string, unknown>();
  readonly #release = new Release();
  readonly #skipped: Record<string, number> = {};
  #attributes: Attributes;
  #toxicity: number;
  #injected = 0;

  constructor(
    prepared: PreparedFault,
    seed: string | number,
    origin: 'manual' | 'leased',
    isExempt?: IsExempt,
  ) {
    this.#prepared = prepared;
    this.id = prepared.id;
    this.definition = prepared.definition;
    this.stream = prepared.stream;
    this.origin = origin;
    this.#seed = seed;
    this.#matches = compileMatch(prepared.match);
    this.matches = compileKeys(prepared.match);
    this.#numbering = new Numbering(prepared.match);
    this.#isExempt = isExempt;
    this.#attributes = prepared.attributes;
    this.#toxicity = prepared.toxicity;
  }

  get proxy(): string {
    return this.#prepared.proxy;
  }

  get attributes(): Attributes {
    return this.#attributes;
  }

  get toxicity(): number {
    return this.#toxicity;
  }

  get match(): Match | undefined {
    return this.#prepared.match;
  }

  /** It leaves some units alone now. */
  get selective(): boolean {
    return (
      this.#toxicity < 1 || this.#isExempt !== undefined || Object.keys(this.#prepared.match ?? {}).length > 0
    );
  }

  get released(): Released {
    return this.#release;
  }

  take(facts: UnitFacts): Taken | undefined {
    const draw = this.draw(facts);
    return draw?.hit ? draw : undefined;
  }

  /** Like `take`, for a unit that outlives changes of toxicity: the draw is kept and judged anew. */
  draw(facts: UnitFacts): Draw | undefined {
    if (!this.#matches(facts)) return undefined;
    // Not numbered either: exempt traffic must not use up `first`, nor shift what the others draw.
    if (this.#isExempt?.(facts)) {
      this.countSkipped('exempt');
      return undefined;
    }
    const number = this.#numbering.next();
    if (number === undefined) return undefined;
    const draw = new Draw(this, number);
    if (!draw.hit) draw.skipped('toxicity');
    return draw;
  }

  shared<T>(key: string, make: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, make());
    return this.#shared.get(key) as T;
  }

  /** A number in [0, 1) of this fault on this proxy alone. */
  unit(...parts: readonly (string | number)[]): number {
    return seededUnit(this.#seed, this.#prepared.proxy, this.id, ...parts);
  }

  countInjected(): void {
    this.#injected++;
  }

  countSkipped(reason: string): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
  }

  get counts(): FaultCounts {
    return {
      matched: this.#numbering.count,
      injected: this.#injected,
      skipped: { ...this.#skipped },
    };
  }

  get spec(): Required<Pick<FaultSpec, 'id' | 'proxy' | 'type' | 'stream' | 'toxicity' | 'attributes'>> &
    Pick<FaultSpec, 'match'> {
    const { proxy, match } = this.#prepared;
    return {
      id: this.id,
      proxy,
      type: this.definition.type,
      stream: this.stream,
      toxicity: this.#toxicity,
      ...(match ? { match } : {}),
      attributes: this.#attributes,
    };
  }

  get counted(): CountedFault {
    return { ...this.spec, ...this.counts };
  }

  /** New values; numbers, draws and counts stay. Whoever plays the fault refreshes it after. */
  change(values: { readonly attributes?: Attributes; readonly toxicity?: number }): void {
    this.#attributes = values.attributes ?? this.#attributes;
    this.#toxicity = values.toxicity ?? this.#toxicity;
  }

  release(): void {
    this.#release.abort();
  }
}

/** What a fault drew for one unit. */
export class Draw implements Taken {
  readonly #fault: FaultInForce;
  readonly #number: number;
  readonly #u: number;
  #randoms = 0;
  #injected = false;

  constructor(fault: FaultInForce, number: number) {
    this.#fault = fault;
    this.#number = number;
    this.#u = fault.unit(number);
  }

  /** Judged on the toxicity of now, so that a rising one only adds units and a falling one only releases some. */
  get hit(): boolean {
    return this.#u < this.#fault.toxicity;
  }

  get attributes(): Attributes {
    return this.#fault.attributes;
  }

  get wasInjected(): boolean {
    return this.#injected;
  }

  random(): number {
    return this.#fault.unit(this.#number, ++this.#randoms);
  }

  injected(): void {
    if (this.#injected) return;
    this.#injected = true;
    this.#fault.countInjected();
  }

  skipped(reason: string): void {
    this.#fault.countSkipped(reason);
  }
}
