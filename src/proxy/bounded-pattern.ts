import { createContext, Script } from 'node:vm';
import { FaultlineError } from '../core/errors.ts';

/** How much of a text is looked at. */
const LOOKED_AT = 16 * 1024;
/** An expression may try exponentially many ways; a text that takes it longer does not match. */
const LONGEST_MS = 25;
/** Texts whose answer is kept: statements of an application recur, and a bounded test costs some 60 µs. */
const KEPT = 512;

const TEST = new Script('pattern.test(text)');

/**
 * A case-insensitive regular expression that is tried on the first 16 KiB of a text, for 25 ms at most: statements come
 * from outside, and one that made the expression backtrack for ever would stop the whole data plane.
 * @throws FaultlineError BAD_VALUE for a text that is no regular expression
 */
export function boundedPattern(source: string): (text: string) => boolean {
  const scope = createContext({ pattern: compile(source), text: '' });
  const known = new Map<string, boolean>();
  return (whole) => {
    const text = whole.length > LOOKED_AT ? whole.slice(0, LOOKED_AT) : whole;
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    scope.text = text;
    const matches = test(scope);
    if (known.size >= KEPT) known.delete(known.keys().next().value!);
    known.set(text, matches);
    return matches;
  };
}

function test(scope: object): boolean {
  try {
    return TEST.runInContext(scope, { timeout: LONGEST_MS }) === true;
  } catch {
    return false;
  }
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source, 'i');
  } catch (error) {
    throw new FaultlineError('BAD_VALUE', {
      value: source,
      where: 'match.sql',
      expected: (error as Error).message,
    });
  }
}
