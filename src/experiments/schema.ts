import { z } from 'zod';
import { driversSchema } from '../core/driver-fields.ts';
import { parseCount } from '../core/expectation.ts';
import { durationField, parsed } from '../core/fields.ts';
import { ADMIN_FAULTS } from '../drivers/catalogue.ts';
import type { AnyFault, MatchKey } from '../faults/contract.ts';
import { FAULTS } from '../faults/index.ts';
import { proxiesSchema } from '../proxy/config.ts';
import { abortRuleSchema } from '../safety/limits/abort-rule.ts';
import { toleranceSchema } from '../safety/limits/tolerance.ts';
import { faultsSchema } from './schema/faults.ts';
import { createLoadSchema } from './schema/load.ts';
import { probeSchema } from './schema/probes.ts';
import { searchSchema } from './schema/search.ts';

const injectedField = z.union(
  [
    z.literal('unproven').describe('Nobody counts; the step proves nothing by itself.'),
    parsed('a count such as ">= 20", or unproven', [z.number(), z.string()], parseCount, {
      description: 'Units that each fault must have acted on: ">= 20".',
    }),
  ],
  { error: () => 'expected a count such as ">= 20", or unproven' },
);

/** An experiment file. @param keys which keys of `match` a fault has, for editors; by default all, which the plan then judges */
export function createExperimentSchema(keys?: (fault: AnyFault) => readonly MatchKey[]) {
  const step = z
    .strictObject({
      name: z.string().min(1).describe('What happens in this step.'),
      duration: durationField('How long its faults are held.', { min: 100 }),
      gate: durationField(
        'Before the step: take the last faults back and wait until all expectations have held this long.',
        { min: 100 },
      ).optional(),
      faults: z
        .array(faultsSchema(FAULTS.values(), ADMIN_FAULTS.values(), keys))
        .default([])
        .describe('Faults of this step, all at once.'),
      search: searchSchema.optional(),
      load: createLoadSchema('this step, in place of that of the run').optional(),
      expect: z
        .strictObject({ injected: injectedField.default({ operator: '>=', bound: 1 }) })
        .prefault({})
        .describe('What proves that the step did something.'),
    })
    .describe('Faults, held for a time.');

  return z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: () => 'expected small letters, digits and -' })
        .describe('Short name of the experiment.'),
      title: z.string().min(1).optional().describe('What people call it.'),
      hypothesis: z.string().min(1).describe('What you believe will hold; the report answers it.'),
      tags: z.array(z.string().min(1)).default([]).describe('Words to find it by.'),
      seed: z
        .int()
        .min(0)
        .default(1)
        .describe('The same seed and the same order of requests give the same faults.'),
      proxies: proxiesSchema
        .optional()
        .describe('Proxies by name; without them those of faultline.yaml hold.'),
      drivers: driversSchema,
      load: createLoadSchema('the whole run, baseline included').optional(),
      steadyState: z
        .strictObject({
          baseline: durationField('How long health is measured before the first fault.', {
            min: 100,
          }).default(30_000),
          tolerate: toleranceSchema
            .optional()
            .describe(
              'How much worse than its baseline a probe may be, where that is less than the safety limits tolerate.',
            ),
          probes: z.array(probeSchema).min(1).describe('What is measured.'),
        })
        .describe('Health before, during and after.'),
      abortWhen: z
        .array(abortRuleSchema)
        .default([])
        .describe('On top of the safety limits, and only tighter.'),
      steps: z.array(step).min(1).describe('One after the other.'),
      recovery: z
        .strictObject({
          within: durationField('Health must be back this long after the faults are taken back.', {
            min: 1,
          }).default(60_000),
        })
        .prefault({})
        .describe('How soon health must be back.'),
    })
    .describe('An experiment: what is believed, what is done, what is measured.');
}

export const experimentSchema = createExperimentSchema();
export type Experiment = z.output<typeof experimentSchema>;
export type StepInput = Experiment['steps'][number];
