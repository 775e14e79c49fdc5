import { z } from 'zod';
import { parseDuration, parseShare } from './units.ts';

/** Fields with units, for the schemas of files: each takes a number or a text with a unit and gives a number. */

/** Milliseconds from `250ms`, `4s`, `2m` or a bare number. */
export function durationField(description: string, { min = 0 }: { readonly min?: number } = {}) {
  return quantity(
    'a duration such as 250ms, 4s or 2m',
    (value) => atLeast(parseDuration(value), value, min),
    {
      unit: 'ms',
      description,
    },
  );
}

/** A share from 0 to 1, from `25%` or a bare number. */
export function shareField(description: string) {
  return quantity('a share such as 25%, or a number from 0 to 1', parseShare, { unit: 'share', description });
}

/**
 * A number from a number or a text.
 * @param read may throw a sentence
 */
function quantity(
  expected: string,
  read: (value: string | number) => number,
  meta: { readonly unit: string; readonly description: string },
) {
  return parsed(expected, [z.number(), z.string()], read, meta);
}

/** Any value that `read` makes of a number or text; its error is the complaint. */
export function parsed<T>(
  expected: string,
  options: readonly [z.ZodNumber, z.ZodString],
  read: (value: string | number) => T,
  meta: Readonly<Record<string, unknown>>,
) {
  return z
    .union(options, { error: () => `expected ${expected}` })
    .transform((value, context): T => {
      try {
        return read(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .meta(meta);
}

function atLeast(ms: number, value: string | number, min: number): number {
  if (ms < min) throw new Error(`"${value}" is too short: give at least ${min} ms`);
  return ms;
}

/** A URL of one of `schemes` (each with its colon); one with `${NAME}` in it is read only when it is used. */
export function urlField(schemes: readonly string[], description: string) {
  const example = schemes.map((scheme) => `${scheme}//`).join(' or ');
  return z
    .string()
    .refine(
      (url) => /\$\{\w+\}/.test(url) || (URL.canParse(url) && schemes.includes(new URL(url).protocol)),
      `not a URL that begins with ${example}`,
    )
    .describe(description);
}
