import { z } from 'zod';
import { shareField } from '../../core/fields.ts';

const end = (description: string) =>
  z
    .union([z.number(), z.string()], { error: () => 'expected a number, with its unit' })
    .describe(description);

/** A search for the breaking point. Its ends are read by the attribute's own schema, once the fault is known. */
export const searchSchema = z
  .strictObject({
    attribute: z.string().min(1).describe("Attribute of the step's one fault, or toxicity."),
    from: end('The mildest value, which is expected to hold.'),
    to: end('The harshest value; it is never passed.'),
    within: shareField('How near the last good and the first bad value shall come.').default(0.1),
  })
  .describe(
    'Plays the step again and again, each time with another value of one attribute and the steady state in between, until the last value that held and the first that did not are near each other.',
  );
