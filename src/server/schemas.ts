import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../core/errors.ts';
import { describeIssues } from '../proxy/api/body.ts';

const PARTS = ['body', 'querystring', 'params'] as const;

/** Judges what a request brings by the route's zod schema; what it says goes into the answer. */
export const validate: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data) => {
    const result = schema.safeParse(data ?? (httpPart === 'body' ? {} : data));
    if (result.success) return { value: result.data };
    return {
      error: new FaultlineError('INVALID', {
        where: `the ${httpPart}`,
        reason: describeIssues(result.error),
      }),
    };
  };

/** The routes' zod schemas as JSON Schema, for the OpenAPI page. */
export function jsonSchemas({ schema, url }: { schema?: FastifySchema; url: string }): {
  schema: FastifySchema;
  url: string;
} {
  const shown: Record<string, unknown> = { ...schema };
  for (const part of PARTS) {
    const own = shown[part];
    if (own instanceof z.ZodType) shown[part] = z.toJSONSchema(own, { io: 'input', unrepresentable: 'any' });
  }
  return { schema: shown, url };
}
