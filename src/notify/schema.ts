import { z } from 'zod';
import { CHANNELS } from './channels/index.ts';
import { OCCASIONS, type Occasion } from './contract.ts';

interface ChannelEntry {
  readonly kind: string;
  readonly name?: string;
  readonly on?: readonly Occasion[];
  readonly experiments: readonly string[];
}

const entries = CHANNELS.map(({ kind, shape, on }) =>
  z.strictObject({
    kind: z.literal(kind),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'small letters, digits and hyphens, at most 63')
      .optional()
      .describe('What logs and metrics call it (default: its kind and place, such as slack-2).'),
    on: z
      .array(z.enum(OCCASIONS))
      .min(1)
      .optional()
      .describe(`What it is told of (default: ${on.join(', ')}).`),
    experiments: z
      .array(z.string().min(1))
      .min(1)
      .default(['*'])
      .describe('Names of the experiments that it is told of; globs. The kill switch is told to all.'),
    ...shape,
  }),
);

/** A file of notifications, `notify.yaml`. */
export const notifySchema = z.strictObject({
  notify: z
    .array(z.discriminatedUnion('kind', entries as unknown as [(typeof entries)[0], (typeof entries)[0]]))
    .describe('Who is told of what.'),
}) as unknown as z.ZodType<{ readonly notify: readonly ChannelEntry[] }>;
