import { z } from 'zod';
import { type ErrorCode, FaultlineError } from '../errors.ts';
import { maskUrls } from '../secrets.ts';
import { didYouMean } from '../suggest.ts';
import { type Of, type Path, type Source, wordsOf } from './source.ts';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** For a union by a discriminator: the error of the table that an unknown choice is; its value is named as the discriminator. */
export const choiceErrors = z.registry<{ readonly code: ErrorCode }>();

/** Sections whose values are never quoted: they may hold credentials. */
const UNQUOTED = new Set(['headers', 'env', 'body', 'secret', 'token']);

/** Turns what a schema found into errors of the table, with their places. Use `readIssue.options` for the parse. */
export function readIssue(issue: Issue, source: Source, base: Path = []): readonly FaultlineError[] {
  const path = [...base, ...issue.path];
  const error = (code: ErrorCode, values: Record<string, unknown>, at: Path = path, of: Of = 'value') => [
    new FaultlineError(code, values, source.placeOf(at, of)),
  ];
  const value = valueAt(source.data, path);

  if (issue.code === 'unrecognized_keys') {
    const known = issue.message === '' ? [] : issue.message.split('\n');
    return issue.keys.flatMap((key) =>
      error(
        'UNKNOWN_KEY',
        { key, where: wordsOf(path), suggestion: didYouMean(key, known) },
        [...path, key],
        'key',
      ),
    );
  }
  if (issue.code === 'custom') {
    return error('INVALID', { where: wordsOf(path), reason: maskUrls(issue.message).replace(/\.$/, '') });
  }
  if (issue.code === 'invalid_key') {
    const reason = `"${String(issue.path.at(-1))}" is not a name: use up to 63 letters, digits, - and _`;
    return error('INVALID', { where: wordsOf(path.slice(0, -1)), reason }, path, 'key');
  }
  if (value === undefined) {
    const where = path.length === 1 ? 'The file' : wordsOf(path.slice(0, -1));
    if (path.length > 0) return error('MISSING_KEY', { where, key: String(path.at(-1)) });
  }
  if (issue.code === 'invalid_union') {
    const branch = nearest(issue, source, path);
    if (branch) return branch.flatMap((inner) => readIssue(inner, source, path));
    const choice = issue.discriminator && parseChoice(issue.message);
    if (choice && typeof value === 'string') {
      const suggestion = didYouMean(value, choice.options);
      return error(choice.code, { [issue.discriminator!]: quote(value, path), suggestion });
    }
  }
  if (value === null || value === undefined)
    return error('EMPTY_VALUE', { where: path.length ? wordsOf(path) : 'The file', expected: issue.message });
  if (typeof value === 'object') {
    const shape = Array.isArray(value) ? 'a list' : 'a map';
    return error('WRONG_SHAPE', {
      where: path.length ? wordsOf(path) : 'The file',
      shape,
      expected: issue.message,
    });
  }
  const options = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  return error('BAD_VALUE', {
    value: quote(value, path),
    where: wordsOf(path),
    expected: issue.message,
    suggestion: didYouMean(String(value), options),
  });
}

/** Parses so that each issue's message says what is expected; for unknown keys it lists the known ones. */
readIssue.options = {
  reportInput: false,
  error: (issue: RawIssue): string => expectedOf(issue),
} as const;

/** The branch of a union that was meant: the one whose own kind of value fits. */
function nearest(
  issue: Issue & { code: 'invalid_union' },
  source: Source,
  path: Path,
): readonly Issue[] | undefined {
  const fitting = issue.errors.filter((issues) => !issues.some((inner) => refusesKind(inner, source, path)));
  return fitting.sort((a, b) => a.length - b.length)[0];
}

function refusesKind(issue: Issue, source: Source, path: Path): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return !nearest(issue, source, path);
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function expectedOf(issue: RawIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return knownKeys(issue.inst).join('\n');
    case 'invalid_type':
      return `expected ${KINDS[String(issue.expected)] ?? issue.expected}`;
    case 'invalid_value': {
      const values = (issue.values as readonly unknown[]).map(String);
      return values.length === 1 ? `expected ${values[0]}` : `expected one of ${values.join(', ')}`;
    }
    case 'invalid_union':
      return expectedOfUnion(issue);
    case 'too_small':
    case 'too_big':
      return `expected ${boundOf(issue)}`;
    case 'invalid_format':
      return `expected the form ${issue.format}`;
    default:
      return 'expected another value';
  }
}

function expectedOfUnion(issue: RawIssue): string {
  const choice = issue.inst && choiceErrors.get(issue.inst as z.ZodType);
  const options = (issue.options as readonly unknown[] | undefined)?.map(String);
  if (options && choice) return `${choice.code}\n${options.join('\n')}`;
  if (options) return `expected one of ${options.join(', ')}`;
  const branches = (issue.errors as readonly (readonly Issue[])[]).map((issues) => issues[0]?.message ?? '');
  const words = branches.map((message) => message.replace(/^expected /, ''));
  return `expected ${[...new Set(words)].join(' or ')}`;
}

function parseChoice(message: string): { code: ErrorCode; options: readonly string[] } | undefined {
  const [code, ...options] = message.split('\n');
  return options.length > 0 ? { code: code as ErrorCode, options } : undefined;
}

function boundOf(issue: RawIssue): string {
  const below = issue.code === 'too_small';
  const bound = Number(below ? issue.minimum : issue.maximum);
  const things = { string: 'character', array: 'item', set: 'item', map: 'key', object: 'key' }[
    String(issue.origin)
  ];
  if (!things) {
    const word = issue.inclusive ? (below ? 'at least' : 'at most') : below ? 'more than' : 'less than';
    return `${word} ${bound}`;
  }
  if (below && bound === 1)
    return issue.origin === 'string' ? 'a text that is not empty' : `at least one ${things}`;
  return `${below ? 'at least' : 'at most'} ${bound} ${things}s`;
}

function knownKeys(schema: unknown): readonly string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return shape ? Object.keys(shape) : [];
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** The value for a sentence: short, on one line, without secrets. */
function quote(value: unknown, path: Path): string {
  if (path.some((part, at) => UNQUOTED.has(String(part)) && typeof path[at + 1] !== 'number')) return '***';
  const text = maskUrls(String(value)).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
