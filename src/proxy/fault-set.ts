import { isDeepStrictEqual } from 'node:util';
import { FaultlineError } from '../core/errors.ts';
import type { CountedFault, FaultSetRequest } from '../core/fault.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import { FaultInForce, type PreparedFault } from './active-fault.ts';
import { prepareFault } from './prepare.ts';

/**
 * Checks all faults of a request and names them.
 * @throws FaultlineError for the first that is wrong
 */
export function prepareFaults(
  request: FaultSetRequest,
  proxies: ReadonlyMap<string, ProxyDeclaration>,
): readonly PreparedFault[] {
  const taken = new Set<string>();
  for (const { id } of request.faults) {
    if (id === undefined) continue;
    if (taken.has(id))
      throw new FaultlineError('BAD_VALUE', {
        value: id,
        where: 'id of a fault',
        expected: 'each id may occur once in a set',
      });
    taken.add(id);
  }
  return request.faults.map((spec) => {
    const prepared = prepareFault(spec, proxies);
    const id = spec.id ?? freeId(`${prepared.definition.type}_${prepared.stream}`, taken);
    taken.add(id);
    return { ...prepared, id };
  });
}

/** The leased faults of one epoch. They are replaced whole; only toxicity and attribute values change. */
export class FaultSet {
  readonly run: string;
  readonly epoch: number;
  readonly #seed: number;
  readonly #faults: readonly FaultInForce[];
  readonly #prepared: readonly PreparedFault[];

  constructor({ run, epoch, seed }: FaultSetRequest, prepared: readonly PreparedFault[]) {
    this.run = run;
    this.epoch = epoch;
    this.#seed = seed;
    this.#prepared = prepared;
    this.#faults = prepared.map((fault) => new FaultInForce(fault, seed, 'leased'));
  }

  on(proxy: string): readonly FaultInForce[] {
    return this.#faults.filter((_, index) => this.#prepared[index]!.proxy === proxy);
  }

  get counted(): readonly CountedFault[] {
    return this.#faults.map((fault) => fault.counted);
  }

  /**
   * Takes over what a renewal may change; answers the faults whose values it changed.
   * @throws FaultlineError BAD_BODY where more differs; then nothing was changed
   */
  renew({ seed }: FaultSetRequest, prepared: readonly PreparedFault[]): ReadonlySet<FaultInForce> {
    const byId = new Map(prepared.map((fault) => [fault.id, fault]));
    const same =
      seed === this.#seed &&
      prepared.length === this.#prepared.length &&
      this.#prepared.every((fault) => isDeepStrictEqual(fixed(fault), fixed(byId.get(fault.id))));
    if (!same)
      throw new FaultlineError('BAD_BODY', {
        reason: `a renewal of epoch ${this.epoch} may change only toxicity and attribute values; use a higher epoch for other faults`,
      });
    const changed = new Set<FaultInForce>();
    for (const fault of this.#faults) {
      const { toxicity, attributes } = byId.get(fault.id)!;
      if (toxicity === fault.toxicity && isDeepStrictEqual(attributes, fault.attributes)) continue;
      fault.change({ toxicity, attributes });
      changed.add(fault);
    }
    return changed;
  }
}

/** What a renewal must leave as it is. */
function fixed(fault: PreparedFault | undefined) {
  return fault && [fault.id, fault.proxy, fault.definition.type, fault.stream, fault.match];
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) {
    const id = `${wanted}_${number}`;
    if (!taken.has(id)) return id;
  }
}
