import { z } from 'zod';
import { durationField } from '../core/fields.ts';
import { PERSON_ROLES } from './contract.ts';

const personSchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .describe('Who takes part; the name that predictions and notes carry.'),
  role: z
    .enum(PERSON_ROLES)
    .default('observer')
    .describe(
      'lead and operator open gates; an observer is not told what a blind item does; a scribe writes.',
    ),
});

const gateSchema = z
  .union(
    [
      z.literal('manual'),
      z.strictObject({ after: durationField('Opens so long after the item before was over.') }),
      z.strictObject({
        at: z.iso
          .datetime({ offset: true })
          .describe('Opens at this time, such as 2026-11-24T14:00:00+01:00.'),
      }),
    ],
    { error: () => 'expected manual, { after: 10m } or { at: 2026-11-24T14:00:00+01:00 }' },
  )
  .default('manual')
  .describe('What opens the way into this item: a person, or the time. A person can always hold it.');

const itemSchema = z.strictObject({
  experiment: z.string().min(1).describe('Name of an experiment, or its file from the folder of this file.'),
  title: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("By default the experiment's; of a blind item its place."),
  gate: gateSchema,
  blind: z
    .boolean()
    .default(false)
    .describe(
      'Observers are not told the experiment, its faults and the names of its steps before it is over.',
    ),
  prompt: z
    .string()
    .min(1)
    .max(500)
    .default('What will happen, and what will happen first?')
    .describe('What people are asked to predict.'),
  approvedBy: z.array(z.string().min(1)).default([]).describe('Who approved a reach that needs it.'),
});

/** A game-day file. */
export const gameDaySchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'small letters, digits and hyphens, at most 63')
    .describe('What this game day is called.'),
  title: z.string().min(1).max(200).describe('For people.'),
  people: z.array(personSchema).min(1).describe('Who takes part.'),
  agenda: z.array(itemSchema).min(1).describe('What is played, one after the other.'),
});
