import { z } from 'zod';
import { durationField } from '../core/fields.ts';
import { maskUrls } from '../core/secrets.ts';
import { loadFileSchema, targetField } from '../load/schema.ts';
import { parseDate } from '../safety/limits/days.ts';
import { checked } from '../safety/limits/schema.ts';
import { CHECK_IDS, type CheckId } from './catalogue.ts';
import { CHECK_KIND_NAMES, type CheckKindName, kindOf } from './checks/index.ts';
import { FINDING_SEVERITIES } from './contract.ts';

const checkId = z.enum(CHECK_IDS as readonly [CheckId, ...CheckId[]]);
const text = (description: string) => z.string().min(1).transform(maskUrls).describe(description);

const day = (description: string) => checked(parseDate, description);

const answers = z.array(checkId).min(1);
const reason = text('Why the system can do without it.').optional();

const kinds = Object.fromEntries(
  CHECK_KIND_NAMES.map((name) => [name, kindOf(name).schema.optional()]),
) as Record<CheckKindName, z.ZodOptional<z.ZodType<unknown>>>;

const checkSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w-]{1,63}$/, { error: () => 'expected letters, digits, - and _' })
      .describe('Name of the check.'),
    says: text('What holds when it passes: "The last backup is younger than a day."').optional(),
    answers: checkId
      .optional()
      .describe('Which of the fifteen checks it answers; some kinds know it themselves.'),
    severity: z
      .enum(FINDING_SEVERITIES)
      .optional()
      .describe('How grave it is when it does not hold; high by default.'),
    remedy: text('What to do when it does not hold.').optional(),
    timeout: durationField('Each request, query or program that takes longer tells nothing.', {
      min: 1,
    }).default(5000),
    ...kinds,
  })
  .superRefine((check, context) => {
    const given = CHECK_KIND_NAMES.filter((kind) => check[kind] !== undefined);
    if (given.length !== 1) {
      const what =
        given.length === 0
          ? 'says nothing to check'
          : `says ${given.length} things to check (${given.join(', ')})`;
      const message = `check "${check.name}" ${what}: give one of ${CHECK_KIND_NAMES.join(', ')}`;
      context.addIssue({ code: 'custom', message });
    } else if (check.answers === undefined && kindOf(given[0]!).answers === undefined) {
      const message = `check "${check.name}" does not say what it answers: give one of ${CHECK_IDS.join(', ')} as "answers"`;
      context.addIssue({ code: 'custom', message });
    }
  })
  .describe('Something that is asked once.');

const attestationSchema = z
  .strictObject({
    check: checkId.describe('The check that it stands for.'),
    by: text('Who says so.'),
    on: day('Day on which it was so, as 2026-10-01.'),
    expires: day('Last day on which it counts.'),
    reference: text('Where the proof lies: a document, a ticket.'),
    says: text('What was done, and what came of it.'),
  })
  .refine(({ on, expires }) => on <= expires, { path: ['expires'], error: 'it expires before it was given' })
  .describe("Somebody's word for what no machine can show.");

/** A suite file of `faultline audit`. */
export const suiteSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: () => 'expected small letters, digits and -' })
      .describe('Short name of the suite.'),
    title: z.string().min(1).optional().describe('The system that is audited, as people call it.'),
    checks: z.array(checkSchema).default([]).describe('Asked first, one after the other.'),
    load: z
      .array(
        z
          .strictObject({
            ...loadFileSchema.shape,
            target: targetField,
            answers: answers
              .optional()
              .describe('Checks that its thresholds answer; by default those of the profile.'),
          })
          .describe('A load profile, or a load of its own, as in a load file.'),
      )
      .default([])
      .describe('Played after the checks, one after the other.'),
    experiments: z
      .array(
        z.strictObject({
          file: z.string().min(1).describe('Experiment file, from the folder of the suite.'),
          answers: answers
            .optional()
            .describe(
              'Checks that its verdict answers, besides those that its lessons do; failure-modes by default.',
            ),
        }),
      )
      .default([])
      .describe('Experiments, played last, one after the other.'),
    attestations: z.array(attestationSchema).default([]).describe('For checks that nothing here assesses.'),
    optional: z
      .strictObject(Object.fromEntries(CHECK_IDS.map((id) => [id, reason])) as Record<CheckId, typeof reason>)
      .default({})
      .describe('Checks that the system can do without, each with the reason; all others are mandatory.'),
  })
  .describe('A production-readiness audit: experiments, load profiles, checks and attestations.');
export type SuiteFile = z.output<typeof suiteSchema>;
