import { BlockList, isIP } from 'node:net';
import { FaultlineError } from '../core/errors.ts';
import type { Exempt, Match } from '../core/fault.ts';
import type { MatchKey } from '../faults/contract.ts';
import { boundedPattern } from './bounded-pattern.ts';
import type { UnitFacts } from './contract.ts';

type Test = (facts: UnitFacts) => boolean;

/** How each key of a `match` is held against a unit. A layer that sees more adds a line. */
const TESTS: { readonly [Key in MatchKey]?: (wanted: NonNullable<Match[Key]>) => Test } = {
  client: (wanted) => {
    const includes = addressTest(wanted, 'match.client');
    return (facts) => includes(facts.client);
  },
  command: (wanted) => some(glob(wanted, 'i'), (facts) => facts.command),
  database: (wanted) => optional(glob(wanted), (facts) => facts.database),
  headers: (wanted) => {
    const tests = Object.entries(wanted).map(
      ([name, pattern]) => [name.toLowerCase(), glob(pattern)] as const,
    );
    return ({ headers }) =>
      tests.every(([name, test]) => [headers?.[name] ?? []].flat().some((value) => test(value)));
  },
  key: (wanted) => some(glob(wanted), (facts) => facts.key),
  method: (wanted) => optional(glob(wanted, 'i'), (facts) => facts.method),
  model: (wanted) => optional(glob(wanted), (facts) => facts.model),
  path: (wanted) => optional(glob(wanted), (facts) => facts.path),
  sql: (wanted) => optional(boundedPattern(wanted), (facts) => facts.sql),
  user: (wanted) => optional(glob(wanted), (facts) => facts.user),
};

/**
 * Whether a unit is what `match` asks for; numbering (`first after every`) is not its matter.
 * @throws FaultlineError BAD_VALUE for a `client` that is no address
 */
export function compileMatch(match: Match | undefined): Test {
  const tests: Test[] = [];
  for (const [key, make] of Object.entries(TESTS)) {
    const wanted = match?.[key as MatchKey];
    if (wanted !== undefined) tests.push((make as (wanted: unknown) => Test)(wanted));
  }
  return (facts) => tests.every((test) => test(facts));
}

/**
 * Whether a unit comes from a client, or carries a header, that is exempt: one is enough. Undefined where nothing is.
 * @throws FaultlineError BAD_VALUE for a client that is no address
 */
export function compileExempt({ headers = {}, clients = [] }: Exempt = {}): Test | undefined {
  const networks = clients.map((client) => addressTest(client, 'exempt.clients'));
  const tests = [
    ...networks.map(
      (includes): Test =>
        (facts) =>
          includes(facts.client),
    ),
    ...Object.entries(headers).map(([name, pattern]) => TESTS.headers!({ [name]: pattern })),
  ];
  return tests.length === 0 ? undefined : (facts) => tests.some((test) => test(facts));
}

/** Whether a text passes what `match` asks under one key; true where it asks nothing. `client` is an address. */
export function compileKeys(match: Match | undefined): (key: MatchKey, text: string) => boolean {
  const tests = new Map<MatchKey, Test>();
  return (key, text) => {
    const wanted = match?.[key];
    if (wanted === undefined) return true;
    const test = tests.get(key) ?? compileMatch({ [key]: wanted });
    tests.set(key, test);
    return test({ client: '', [key]: text });
  };
}

/** A whole-string glob: `*` for any characters, `?` for one. */
export function glob(pattern: string, flags = ''): (text: string) => boolean {
  // Runs of stars are one star: several in a row would make the expression try exponentially many ways.
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*/g, '[^]*')
    .replace(/\?/g, '[^]');
  const expression = new RegExp(`^${source}$`, flags);
  return (text) => expression.test(text);
}

function optional(test: (text: string) => boolean, read: (facts: UnitFacts) => string | undefined): Test {
  return (facts) => {
    const text = read(facts);
    return text !== undefined && test(text);
  };
}

function some(
  test: (text: string) => boolean,
  read: (facts: UnitFacts) => string | readonly string[] | undefined,
): Test {
  return (facts) => {
    const texts = read(facts);
    return typeof texts === 'string' ? test(texts) : texts?.some(test) === true;
  };
}

/** @throws FaultlineError BAD_VALUE, for what stands at `where`, unless it is an address or a CIDR */
export function addressTest(wanted: string, where: string): (address: string) => boolean {
  const [network = '', bits, ...rest] = wanted.trim().split('/');
  const family = isIP(network);
  const width = family === 6 ? 128 : 32;
  const length = bits === undefined ? width : /^\d+$/.test(bits) ? Number(bits) : Number.NaN;
  if (family === 0 || rest.length > 0 || !(length <= width)) {
    throw new FaultlineError('BAD_VALUE', {
      value: wanted,
      where,
      expected: 'write an address or a network such as 10.0.0.0/8',
    });
  }
  const list = new BlockList();
  list.addSubnet(network, length, family === 6 ? 'ipv6' : 'ipv4');
  return (address) => {
    const kind = isIP(address);
    return kind !== 0 && list.check(address, kind === 6 ? 'ipv6' : 'ipv4');
  };
}
