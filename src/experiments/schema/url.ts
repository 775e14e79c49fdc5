import { z } from 'zod';

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
