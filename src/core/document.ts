import type { z } from 'zod';
import { readIssue } from './document/issues.ts';
import { type Of, type Path, readSource } from './document/source.ts';
import { type ErrorCode, FaultlineError, FaultlineErrors, type SourcePlace } from './errors.ts';

export { choiceErrors } from './document/issues.ts';
export { type Path, wordsOf } from './document/source.ts';

export interface DocumentOptions<T> {
  readonly text: string;
  /** Name of the file, for places in errors. */
  readonly file: string;
  readonly schema: z.ZodType<T>;
}

/** A file that its schema accepts, with the places of what stands in it. */
export interface OpenDocument<T> {
  readonly value: T;
  /** What the file says, before its schema read units and filled defaults in. */
  readonly data: unknown;
  /** Line and column of the value at `path`, or of its key; of the nearest parent where the file has nothing there. */
  placeOf(path: Path, of?: Of): SourcePlace;
  /** An error of the table at the value at `path`, or at its key. */
  error(code: ErrorCode, values: Readonly<Record<string, unknown>>, path: Path, of?: Of): FaultlineError;
}

/**
 * Reads YAML by a schema.
 * @throws FaultlineErrors with all problems: syntax, duplicate keys, aliases that explode, a file above 512 KiB; and if it is
 *   well-formed, unknown and missing keys and values that the schema refuses. Each knows its line and column.
 */
export function openDocument<T>({ text, file, schema }: DocumentOptions<T>): OpenDocument<T> {
  const source = readSource(text, file);
  const result = schema.safeParse(source.data, readIssue.options);
  if (!result.success) {
    const errors = result.error.issues.flatMap((issue) => readIssue(issue, source));
    throw new FaultlineErrors(inOrder(errors));
  }
  const { placeOf } = source;
  return {
    value: result.data,
    data: source.data,
    placeOf,
    error: (code, values, path, of = 'value') => new FaultlineError(code, values, placeOf(path, of)),
  };
}

/** Sorted by place, each sentence once. */
export function inOrder(errors: readonly FaultlineError[]): readonly FaultlineError[] {
  const seen = new Set<string>();
  return errors
    .filter((error) => !seen.has(String(error)) && seen.add(String(error)))
    .sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0));
}
