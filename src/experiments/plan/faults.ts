import type { Path } from '../../core/document.ts';
import type { Attributes } from '../../core/fault.ts';
import type { DriverDeclaration, PlannedFault, Ramp } from '../../core/plan.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { didYouMean } from '../../core/suggest.ts';
import { DRIVER_KINDS, type FaultFacts, factsOf } from '../../drivers/catalogue.ts';
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
  places: FaultPlaces,
  problems: Problems,
): PlannedFault {
  const facts = factsOf(fault.type)!;
  if (fault.driver === undefined) checkOnPlane(fault, path, places, problems);
  else checkOnDriver(fault, path, places.drivers, problems);
  const start = readEnd(facts, fault, 'from', path, problems);
  const end = readEnd(facts, fault, 'to', path, problems);
  const stream = fault.stream ?? FAULTS.get(fault.type)?.streams[0];
  return {
    id,
    ...(fault.driver === undefined ? {} : { driver: fault.driver }),
    proxy: fault.proxy ?? fault.driver ?? '',
    type: fault.type,
    ...(stream ? { stream } : {}),
    toxicity: toRamp(fault.toxicity),
    match: fault.match,
    attributes: fault.attributes,
    sentence: start && end ? joinSentences(facts.explain(start), facts.explain(end)) : '',
  };
}

/** What the faults of a step may act on. */
export interface FaultPlaces {
  readonly proxies: readonly ProxyDeclaration[];
  readonly drivers: readonly DriverDeclaration[];
}

function checkOnPlane(
  fault: FaultInput,
  path: Path,
  { proxies, drivers }: FaultPlaces,
  problems: Problems,
): void {
  const definition = FAULTS.get(fault.type)!;
  const proxy = proxies.find(({ name }) => name === fault.proxy);
  if (!proxy && proxies.length + drivers.length > 0) {
    const suggestion = didYouMean(
      fault.proxy ?? '',
      proxies.map(({ name }) => name),
    );
    problems.add('UNKNOWN_PROXY', { proxy: fault.proxy, suggestion }, [...path, 'proxy']);
  } else if (proxy && !definition.protocols.includes(proxy.protocol)) {
    const { type, protocols } = definition;
    const values = { type, proxy: proxy.name, protocol: proxy.protocol, protocols: protocols.join(', ') };
    problems.add('FAULT_NOT_FOR_PROTOCOL', values, [...path, 'type']);
  } else if (proxy) checkValues(definition, proxy, fault, path, problems);
  checkMatch(definition, fault, path, problems);
}

/** What the proxy's protocol makes of values that are right by themselves; of others their schema speaks. */
function checkValues(
  definition: AnyFault,
  { protocol }: ProxyDeclaration,
  fault: FaultInput,
  path: Path,
  problems: Problems,
): void {
  const read = definition.attributes.safeParse(attributesAt(fault.attributes, 'from'));
  const refusal = read.success ? definition.refuses?.(read.data, protocol) : undefined;
  if (!refusal) return;
  const { attribute, expected } = refusal;
  const value = fault.attributes[attribute];
  problems.add('BAD_VALUE', { value, expected }, [...path, 'attributes', attribute]);
}

/** As far as it can be told without asking the driver's target. */
function checkOnDriver(
  fault: FaultInput,
  path: Path,
  drivers: readonly DriverDeclaration[],
  problems: Problems,
): void {
  const driver = drivers.find(({ name }) => name === fault.driver);
  if (!driver) {
    const suggestion = didYouMean(
      fault.driver!,
      drivers.map(({ name }) => name),
    );
    problems.add('UNKNOWN_DRIVER', { driver: fault.driver, suggestion }, [...path, 'driver']);
    return;
  }
  const kind = DRIVER_KINDS.get(driver.driver)!;
  for (const end of ['from', 'to'] as const) {
    const reason = kind.whyUnable({
      type: fault.type,
      match: fault.match,
      attributes: attributesAt(fault.attributes, end),
      toxicity: toRamp(fault.toxicity)[end],
    });
    if (reason === undefined) continue;
    const values = { driver: driver.name, kind: driver.driver, fault: fault.type, reason };
    problems.add('DRIVER_CANNOT', values, [...path, 'type']);
    return;
  }
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
  definition: FaultFacts,
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
