import type { Path } from '../../core/document.ts';
import type { Attributes } from '../../core/fault.ts';
import type { PlannedFault, Ramp } from '../../core/plan.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { AnyFault, MatchKey } from '../../faults/contract.ts';
import { FAULTS } from '../../faults/index.ts';
import { compileMatch } from '../../proxy/match.ts';
import { type FaultInput, MATCH_KEYS } from '../schema/faults.ts';
import type { Problems } from './problems.ts';
import { joinSentences } from './sentences.ts';

/** A fault of a step, planned; what does not fit goes to `problems`. */
export function planFault(
  fault: FaultInput,
  id: string,
  path: Path,
  proxies: readonly ProxyDeclaration[],
  problems: Problems,
): PlannedFault {
  const definition = FAULTS.get(fault.type)!;
  const proxy = proxies.find(({ name }) => name === fault.proxy);
  if (!proxy && proxies.length > 0) {
    const suggestion = didYouMean(
      fault.proxy,
      proxies.map(({ name }) => name),
    );
    problems.add('UNKNOWN_PROXY', { proxy: fault.proxy, suggestion }, [...path, 'proxy']);
  } else if (proxy && !definition.protocols.includes(proxy.protocol)) {
    const { type, protocols } = definition;
    const values = { type, proxy: proxy.name, protocol: proxy.protocol, protocols: protocols.join(', ') };
    problems.add('FAULT_NOT_FOR_PROTOCOL', values, [...path, 'type']);
  }
  checkMatch(definition, fault, path, problems);
  const start = readEnd(definition, fault, 'from', path, problems);
  const end = readEnd(definition, fault, 'to', path, problems);
  return {
    id,
    proxy: fault.proxy,
    type: fault.type,
    stream: fault.stream ?? definition.streams[0]!,
    toxicity: toRamp(fault.toxicity),
    match: fault.match,
    attributes: fault.attributes,
    sentence: start && end ? joinSentences(definition.explain(start), definition.explain(end)) : '',
  };
}

/** Attributes at one end of their ramps. */
export function attributesAt(attributes: PlannedFault['attributes'], end: keyof Ramp): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, isRamp(value) ? value[end] : value]),
  );
}

export function isRamp(value: unknown): value is Ramp {
  const ramp = value as Partial<Ramp> | null;
  return typeof ramp === 'object' && typeof ramp?.from === 'number' && typeof ramp.to === 'number';
}

function toRamp(value: number | Ramp): Ramp {
  return typeof value === 'number' ? { from: value, to: value } : value;
}

function checkMatch(definition: AnyFault, fault: FaultInput, path: Path, problems: Problems): void {
  try {
    compileMatch({ client: fault.match.client });
  } catch {
    const expected = 'write an address or a network such as 10.0.0.0/8';
    problems.add('BAD_VALUE', { value: fault.match.client, expected }, [...path, 'match', 'client']);
  }
  const seen: readonly MatchKey[] = definition.matchKeys;
  for (const key of MATCH_KEYS) {
    if (fault.match[key] === undefined || seen.includes(key)) continue;
    const keys = [...seen, 'first', 'after', 'every'].join(', ');
    problems.add('MATCH_NOT_SEEN', { type: fault.type, key, keys }, [...path, 'match', key], 'key');
  }
}

/** What the schema's rules between attributes say at one end of the ramps. */
function readEnd(
  definition: AnyFault,
  fault: FaultInput,
  end: keyof Ramp,
  path: Path,
  problems: Problems,
): Attributes | undefined {
  const result = definition.attributes.safeParse(attributesAt(fault.attributes, end));
  if (result.success) return result.data as Attributes;
  for (const issue of result.error.issues) {
    const reason = issue.message.replace(/\.$/, '');
    problems.add('INVALID', { reason }, [...path, 'attributes', ...issue.path]);
  }
  return undefined;
}
