import { z } from 'zod';
import type { FaultSetRequest, Match } from '../../../core/fault.ts';

const whole = z.int().min(0);

const matchSchema = z.strictObject({
  client: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  model: z.string().optional(),
  sql: z.string().optional(),
  command: z.string().optional(),
  user: z.string().optional(),
  database: z.string().optional(),
  key: z.string().optional(),
  first: whole.optional(),
  after: whole.optional(),
  every: z.int().min(1).optional(),
}) satisfies z.ZodType<Match>;

/** What `PUT /faults` takes. Whether a fault's type, attributes and match fit its proxy is the data plane's to say. */
export const faultSetSchema = z.strictObject({
  run: z.string().min(1).max(200),
  epoch: z.int().min(1),
  lease: z.union([z.string(), z.number()]),
  seed: z.int(),
  instance: z.string().optional(),
  exempt: z
    .strictObject({
      headers: z.record(z.string().min(1), z.string()).optional(),
      clients: z.array(z.string()).max(1000).optional(),
    })
    .optional(),
  faults: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(200).optional(),
        proxy: z.string(),
        type: z.string(),
        stream: z.enum(['upstream', 'downstream']).optional(),
        toxicity: z.number().min(0).max(1).optional(),
        match: matchSchema.optional(),
        attributes: z
          .record(
            z.string(),
            z.union([z.number(), z.string(), z.boolean(), z.record(z.string(), z.string())]),
          )
          .optional(),
      }),
    )
    .max(1000),
}) satisfies z.ZodType<FaultSetRequest>;
