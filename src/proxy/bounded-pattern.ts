import { createContext, Script } from 'node:vm';
import { FaultlineError } from '../core/errors.ts';

/** How much of a text is looked at. */
const LOOKED_AT = 16 * 1024;
/** An expression may try exponentially many ways; a text that takes it longer does not match. */
const LONGEST_MS = 25;
/** One that ran out of time matches nothing for so long, that it takes no more than a tenth of the process's time. */
const REST_MS = 9 * LONGEST_MS;
/** Texts whose answer is kept: statements of an application recur, and a bounded test costs some 60 µs. */
const KEPT = 512;

/** How long an expression may be, and how many signs of repetition it may hold. */
const LONGEST = 1000;
const MOST_QUANTIFIERS = 16;
/** Steps that an expression may take, at worst, to be tried without a bound on its time. */
const FEW_STEPS = 1_000_000;

const TEST = new Script('pattern.test(text)');

/**
 * A case-insensitive regular expression that is tried on the first 16 KiB of a text, for 25 ms at most: statements come
 * from outside, and one that made the expression backtrack for ever would stop the whole data plane.
 * @throws FaultlineError BAD_VALUE for a text that is no regular expression
 */
export function boundedPattern(source: string): (text: string) => boolean {
  const pattern = compile(source);
  const steps = worstSteps(source);
  const scope = createContext({ pattern, text: '' });
  const known = new Map<string, boolean>();
  let restsUntil = 0;
  return (whole) => {
    const text = whole.length > LOOKED_AT ? whole.slice(0, LOOKED_AT) : whole;
    if (steps(text.length) <= FEW_STEPS) return pattern.test(text);
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    if (performance.now() < restsUntil) return false;
    scope.text = text;
    const matches = test(scope);
    if (matches === undefined) restsUntil = performance.now() + REST_MS;
    if (known.size >= KEPT) known.delete(known.keys().next().value!);
    known.set(text, matches === true);
    return matches === true;
  };
}

/** Undefined where its time was up. */
function test(scope: object): boolean | undefined {
  try {
    return TEST.runInContext(scope, { timeout: LONGEST_MS }) === true;
  } catch {
    return undefined;
  }
}

/**
 * How many steps an expression takes at worst on a text of this length, from above: each loop may try every length at
 * every place, each optional part doubles the ways, and a repeated group or a reference back may multiply them without end.
 */
function worstSteps(source: string): (length: number) => number {
  if (/\)[*+?{]|\\[1-9k]/.test(source)) return () => Number.POSITIVE_INFINITY;
  const marks = quantifiers(source);
  const optional = marks.filter((mark) => mark === '?').length;
  const loops = marks.length - optional;
  return (length) => source.length * 2 ** optional * length ** (loops + 1);
}

/** The signs of repetition, without those that are escaped, in a class, or tell the kind of a group. */
function quantifiers(source: string): readonly string[] {
  const bare = source
    .replace(/\\./g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replaceAll('(?', '(');
  return bare.match(/[*+?{]/g) ?? [];
}

function compile(source: string): RegExp {
  // The engine takes exponential time to translate long rows of optional parts, and nothing can stop it.
  if (source.length > LONGEST || quantifiers(source).length > MOST_QUANTIFIERS)
    throw badPattern(
      source,
      `it is too intricate; write at most ${LONGEST} characters with ${MOST_QUANTIFIERS} of * + ? {`,
    );
  try {
    return new RegExp(source, 'i');
  } catch (error) {
    throw badPattern(source, (error as Error).message);
  }
}

function badPattern(value: string, expected: string): FaultlineError {
  return new FaultlineError('BAD_VALUE', { value, where: 'match.sql', expected });
}
