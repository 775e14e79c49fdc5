import { FaultlineError } from '../core/errors.ts';
import type { Attributes, FaultSpec, Match, Stream } from '../core/fault.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import { didYouMean } from '../core/suggest.ts';
import type { AnyFault } from '../faults/contract.ts';
import { FAULTS } from '../faults/index.ts';
import type { PreparedFault } from './active-fault.ts';
import type { ManualToxic } from './contract.ts';
import { compileMatch } from './match.ts';

/**
 * Checks a leased fault against the catalogue and its proxy.
 * @throws FaultlineError that quotes what is wrong
 */
export function prepareFault(
  spec: FaultSpec,
  proxies: ReadonlyMap<string, ProxyDeclaration>,
): Omit<PreparedFault, 'id'> {
  const definition = definitionOf(spec.type);
  const proxy = proxies.get(spec.proxy);
  if (!proxy)
    throw new FaultlineError('UNKNOWN_PROXY', {
      proxy: spec.proxy,
      suggestion: didYouMean(String(spec.proxy), proxies.keys()),
    });
  checkProtocol(definition, proxy);
  return {
    proxy: proxy.name,
    definition,
    stream: readStream(definition, spec.stream),
    toxicity: readToxicity(definition, spec.toxicity ?? 1),
    match: readMatch(definition, spec.match),
    attributes: readAttributes(definition, spec.attributes ?? {}, proxy),
  };
}

/**
 * Checks a toxic that was set by hand.
 * @throws FaultlineError that quotes what is wrong
 */
export function prepareToxic(toxic: ManualToxic, proxy: ProxyDeclaration): PreparedFault {
  const definition = definitionOf(toxic.type);
  if (!definition.manual)
    throw new FaultlineError('BAD_VALUE', {
      value: toxic.type,
      where: 'type of a toxic',
      expected: 'it can only be leased; disable the proxy instead',
    });
  checkProtocol(definition, proxy);
  return {
    id: toxic.name,
    proxy: proxy.name,
    definition,
    stream: readStream(definition, toxic.stream),
    toxicity: readToxicity(definition, toxic.toxicity),
    match: undefined,
    attributes: readAttributes(definition, toxic.attributes, proxy),
  };
}

function definitionOf(type: string): AnyFault {
  const definition = FAULTS.get(type);
  if (definition) return definition;
  throw new FaultlineError('UNKNOWN_FAULT', { type, suggestion: didYouMean(String(type), FAULTS.keys()) });
}

function checkProtocol({ type, protocols }: AnyFault, { name, protocol }: ProxyDeclaration): void {
  if (protocols.includes(protocol)) return;
  throw new FaultlineError('FAULT_NOT_FOR_PROTOCOL', {
    type,
    proxy: name,
    protocol,
    protocols: protocols.join(', '),
  });
}

function readStream({ type, streams }: AnyFault, stream: Stream = streams[0]!): Stream {
  if (streams.includes(stream)) return stream;
  throw new FaultlineError('BAD_VALUE', {
    value: stream,
    where: `stream of fault "${type}"`,
    expected: `it acts on ${streams.join(' or ')}`,
  });
}

function readToxicity({ type }: AnyFault, toxicity: number): number {
  if (typeof toxicity === 'number' && toxicity >= 0 && toxicity <= 1) return toxicity;
  throw new FaultlineError('BAD_VALUE', {
    value: toxicity,
    where: `toxicity of fault "${type}"`,
    expected: 'write a number from 0 to 1',
  });
}

const NUMBERING = { first: 0, after: 0, every: 1 } as const;

function readMatch({ type, matchKeys }: AnyFault, match: Match | undefined): Match | undefined {
  if (!match || Object.keys(match).length === 0) return undefined;
  for (const [key, value] of Object.entries(match)) {
    if (Object.hasOwn(NUMBERING, key)) {
      const least = NUMBERING[key as keyof typeof NUMBERING];
      if (Number.isInteger(value) && value >= least) continue;
      throw new FaultlineError('BAD_VALUE', {
        value,
        where: `match.${key} of fault "${type}"`,
        expected: `write a whole number, at least ${least}`,
      });
    }
    if ((matchKeys as readonly string[]).includes(key)) continue;
    const keys = [...matchKeys, ...Object.keys(NUMBERING)].join(', ');
    throw new FaultlineError('MATCH_NOT_SEEN', { type, key, keys });
  }
  compileMatch(match);
  return match;
}

function readAttributes(definition: AnyFault, given: Attributes, { protocol }: ProxyDeclaration): Attributes {
  const { type, attributes } = definition;
  const read = attributes.safeParse(given);
  if (read.success) {
    const refusal = definition.refuses?.(read.data, protocol);
    if (!refusal) return read.data as Attributes;
    const { attribute, expected } = refusal;
    throw new FaultlineError('BAD_VALUE', {
      value: (read.data as Attributes)[attribute],
      where: `attribute "${attribute}" of fault "${type}"`,
      expected,
    });
  }
  const issue = read.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const shape = (attributes as { readonly shape?: object }).shape ?? {};
    const suggestion = didYouMean(key, Object.keys(shape));
    throw new FaultlineError('UNKNOWN_KEY', { key, where: `attributes of fault "${type}"`, suggestion });
  }
  const name = issue.path.join('.');
  throw new FaultlineError('BAD_VALUE', {
    value: issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], given),
    where: `attribute "${name}" of fault "${type}"`,
    expected: issue.message.replace(/\.$/, ''),
  });
}
