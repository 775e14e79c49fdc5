import type { z } from 'zod';

/** Bytes of a body; the largest that makes sense is a few hundred proxies to populate. */
export const BODY_LIMIT = 1024 * 1024;

/** Why a body could not be read. Each family of routes answers it in its own form. */
export class BadBody extends Error {}

/**
 * A request's body as JSON, whatever its content type.
 * @throws BadBody
 */
export function readBody<T>(body: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return result.data;
  throw new BadBody(describeIssues(result.error));
}

/** A value's failings in one line: `faults.0.proxy: expected string, received number`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      const message = issue.message.replace(/^Invalid input: /, '');
      return issue.path.length > 0 ? `${issue.path.join('.')}: ${message}` : message;
    })
    .join('; ');
}

function parseJson(body: unknown): unknown {
  if (typeof body !== 'string' || body.trim() === '') throw new BadBody('EOF');
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new BadBody((error as Error).message);
  }
}
