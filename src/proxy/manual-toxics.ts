import type { Attributes, Stream } from '../core/fault.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import type { AnyFault } from '../faults/contract.ts';
import { FaultInForce } from './active-fault.ts';
import type { ManualToxic } from './contract.ts';
import { prepareToxic } from './prepare.ts';

/** The toxics that were set by hand on one proxy. They have no lease: they stay until removed. */
export class ManualToxics {
  readonly #seed: string;
  #faults: readonly FaultInForce[] = [];

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** In order of addition. */
  get faults(): readonly FaultInForce[] {
    return this.#faults;
  }

  /** Upstream ones first, each stream in order of addition. */
  get toxics(): readonly ManualToxic[] {
    const on = (stream: string) => this.#faults.filter((fault) => fault.stream === stream);
    return [...on('upstream'), ...on('downstream')].map(toxicOf);
  }

  /** @throws FaultlineError that quotes what is wrong; then nothing was added */
  add(toxic: ManualToxic, proxy: ProxyDeclaration): void {
    this.#faults = [...this.#faults, new FaultInForce(prepareToxic(toxic, proxy), this.#seed, 'manual')];
  }

  /** Attributes that are not given stay. Answers the fault, or undefined when there is none of that name. */
  update(
    name: string,
    change: { readonly attributes?: Attributes; readonly toxicity?: number },
    proxy: ProxyDeclaration,
  ): FaultInForce | undefined {
    const fault = this.#faults.find(({ id }) => id === name);
    if (!fault) return undefined;
    const attributes = { ...fault.attributes, ...change.attributes };
    fault.change(prepareToxic({ ...toxicOf(fault), ...change, attributes }, proxy));
    return fault;
  }

  remove(name: string): void {
    this.#faults = this.#faults.filter(({ id }) => id !== name);
  }

  clear(): void {
    this.#faults = [];
  }
}

/** Toxiproxy's default, where the fault can be put there. */
export function defaultStream({ streams }: AnyFault): Stream {
  return streams.includes('downstream') ? 'downstream' : streams[0]!;
}

function toxicOf({ id, definition, stream, toxicity, attributes }: FaultInForce): ManualToxic {
  return { name: id, type: definition.type, stream, toxicity, attributes };
}
