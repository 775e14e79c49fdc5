import { z } from 'zod';
import { urlField } from './fields.ts';

const name = z.string().regex(/^[\w-]{1,63}$/, { error: () => 'expected letters, digits, - and _' });

const declaration = z.discriminatedUnion(
  'driver',
  [
    z.strictObject({
      driver: z.literal('toxiproxy').describe('A Toxiproxy server.'),
      control: z
        .string()
        .regex(/^[^\s/@]+:\d{1,5}$/, { error: () => 'expected host:port' })
        .describe('Where its API listens, such as 127.0.0.1:8475.'),
    }),
    z.strictObject({
      driver: z.literal('postgres-admin').describe('A Postgres server, by its own commands.'),
      url: urlField(['postgres:', 'postgresql:'], 'Connection string; may hold ${NAME}.'),
    }),
    z.strictObject({
      driver: z.literal('redis-admin').describe('A Redis server, by its own commands.'),
      url: urlField(['redis:', 'rediss:'], 'Where Redis is; may hold ${NAME}.'),
    }),
  ],
  { error: () => 'expected toxiproxy, postgres-admin or redis-admin' },
);

/** Drivers by name, which faults of a step then name; as `faultline.yaml` and experiment files hold them. */
export const driversSchema = z
  .record(name, declaration)
  .default({})
  .describe('What carries faults beside the data plane, by name.');
