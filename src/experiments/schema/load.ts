import { z } from 'zod';
import { urlField } from '../../core/fields.ts';

// "//host/" is an address of another host for some readers of URLs, and the load must stay on its target.
const path = z.string().regex(/^\/(?![/\\])/, { error: () => 'expected a path that begins with one /' });

const requestSchema = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Z]+$/, { error: () => 'expected a method such as GET' })
    .default('GET')
    .describe('Request method.'),
  path: path.describe('Path with its query, below the target.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Request headers; values may hold ${NAME}.'),
  body: z.string().optional().describe('Request body.'),
  weight: z
    .number()
    .positive()
    .default(1)
    .describe("Share of the requests, relative to the others' weights."),
});

export const loadSchema = z
  .strictObject({
    target: urlField(['http:', 'https:'], 'Where requests go.').refine(
      (url) => !url.includes('${'),
      'write the target out: it may not hold ${NAME}',
    ),
    connections: z.int().min(1).default(10).describe('Connections at once.'),
    rate: z.number().positive().default(10).describe('Requests a second over all connections.'),
    paths: z.array(path).min(1).optional().describe('Paths to GET, in equal shares.'),
    requests: z.array(requestSchema).min(1).optional().describe('Requests, each with its share.'),
  })
  .refine(({ paths, requests }) => !(paths && requests), {
    path: ['paths'],
    message: 'give paths or requests, not both',
  })
  .describe('Traffic to send during the whole run, baseline included.');

export type LoadInput = z.output<typeof loadSchema>;
