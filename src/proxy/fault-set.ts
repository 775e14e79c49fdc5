import { isDeepStrictEqual } from 'node:util';
import { FaultlineError } from '../core/errors.ts';
import type { CountedFault, Exempt, FaultSetRequest } from '../core/fault.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import { missesHeaders } from '../faults/misses-headers.ts';
import { FaultInForce, type PreparedFault } from './active-fault.ts';
import { compileExempt } from './match.ts';
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
    checkExempt(request.exempt, prepared, proxies);
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
  readonly #exempt: Exempt;
  readonly #faults: readonly FaultInForce[];
  readonly #prepared: readonly PreparedFault[];

  /** @throws FaultlineError BAD_VALUE for an exempt client that is no address */
  constructor({ run, epoch, seed, exempt = {} }: FaultSetRequest, prepared: readonly PreparedFault[]) {
    this.run = run;
    this.epoch = epoch;
    this.#seed = seed;
    this.#exempt = exempt;
    this.#prepared = prepared;
    const isExempt = compileExempt(exempt);
    this.#faults = prepared.map((fault) => new FaultInForce(fault, seed, 'leased', isExempt));
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
  renew(
    { seed, exempt = {} }: FaultSetRequest,
    prepared: readonly PreparedFault[],
  ): ReadonlySet<FaultInForce> {
    const byId = new Map(prepared.map((fault) => [fault.id, fault]));
    const same =
      seed === this.#seed &&
      isDeepStrictEqual(exempt, this.#exempt) &&
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

/**
 * A fault that acts on a connection has acted before the first header is read: an exempt that silently did not hold would
 * be worse than none.
 */
function checkExempt(
  exempt: Exempt | undefined,
  { definition, proxy }: Pick<PreparedFault, 'definition' | 'proxy'>,
  proxies: ReadonlyMap<string, ProxyDeclaration>,
): void {
  if (
    !missesHeaders(definition, proxies.get(proxy)!.protocol) ||
    Object.keys(exempt?.headers ?? {}).length === 0
  )
    return;
  throw new FaultlineError('EXEMPT_NOT_SEEN', { type: definition.type, proxy });
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
