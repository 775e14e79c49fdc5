import { FaultlineError } from '../../core/errors.ts';
import type { Attributes, FaultSpec } from '../../core/fault.ts';
import { FAULTS } from '../../faults/index.ts';
import type { NamedFault } from '../leased/index.ts';
import { toxicName } from './names.ts';
import type { ToxicView } from './server.ts';

export const KIND = 'toxiproxy';

/** What a Toxiproxy server knows, with the attributes it takes. `down` is no toxic: it switches the proxy off. */
const TOXICS: Readonly<Record<string, readonly string[]>> = {
  bandwidth: ['rate'],
  down: [],
  latency: ['latency', 'jitter'],
  limit_data: ['bytes'],
  reset_peer: ['timeout'],
  slicer: ['average_size', 'size_variation', 'delay'],
  slow_close: ['delay'],
  timeout: ['timeout'],
};

/** Version that brought a toxic, for those which not every server since 2.1 has. */
export const SINCE: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  reset_peer: [2, 2],
};

export const TOXIPROXY_TYPES: readonly string[] = Object.keys(TOXICS);

const INSTEAD = '; a proxy of the data plane can: leave "driver" out';

/** Why a Toxiproxy server cannot apply a fault, in words; undefined when it can. */
export function whyUnable(
  fault: Pick<FaultSpec, 'type' | 'match' | 'attributes' | 'toxicity'>,
): string | undefined {
  const { type, match = {}, attributes = {}, toxicity = 1 } = fault;
  const known = TOXICS[type];
  if (!known)
    return `a Toxiproxy server knows only ${TOXIPROXY_TYPES.join(', ')}${FAULTS.has(type) ? INSTEAD : ''}`;
  const [key] = Object.keys(match);
  if (key !== undefined) return `a Toxiproxy server cannot match on "${key}", nor on anything else${INSTEAD}`;
  const extra = Object.keys(attributes).find(
    (name) => !known.includes(name) && !isDefault(type, name, attributes),
  );
  if (extra !== undefined) return `a Toxiproxy server has no attribute "${extra}" for it${INSTEAD}`;
  if (switchesOff({ type }) && toxicity !== 1)
    return 'it switches the whole proxy off, so its toxicity is 100%';
  return undefined;
}

/** @throws FaultlineError DRIVER_CANNOT */
export function refuseUnable(driver: string, fault: FaultSpec): void {
  const reason = whyUnable(fault);
  if (reason !== undefined)
    throw new FaultlineError('DRIVER_CANNOT', { driver, kind: KIND, fault: fault.type, reason });
}

/** Whether it is done by disabling the proxy. */
export function switchesOff({ type }: Pick<FaultSpec, 'type'>): boolean {
  return type === 'down';
}

/**
 * The toxic that stands for a fault. One that switches its proxy off is marked by a `noop`, so that the server itself keeps
 * the knowledge that a run, and which one, has done it.
 */
export function toxicOf(run: string, epoch: number, fault: NamedFault): ToxicView {
  const name = toxicName(run, epoch, fault.id);
  if (switchesOff(fault)) {
    return { name, type: MARK, stream: 'downstream', toxicity: 1, attributes: {} };
  }
  const attributes = withDefaults(fault.type, fault.attributes ?? {});
  return {
    name,
    type: fault.type,
    stream: fault.stream ?? 'downstream',
    toxicity: fault.toxicity ?? 1,
    // Toxiproxy's attributes are whole numbers; a fraction is refused.
    attributes: Object.fromEntries(
      TOXICS[fault.type]!.map((key) => [key, Math.round(Number(attributes[key]))]),
    ),
  };
}

/** Type of the toxic that marks a proxy which a run has switched off. */
export const MARK = 'noop';

function withDefaults(type: string, given: Attributes): Attributes {
  return FAULTS.get(type)!.attributes.parse(given) as Attributes;
}

function isDefault(type: string, name: string, attributes: Attributes): boolean {
  const defaults = FAULTS.get(type)?.attributes.safeParse({}).data as Attributes | undefined;
  return defaults?.[name] !== undefined && defaults[name] === attributes[name];
}
