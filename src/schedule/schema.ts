import { z } from 'zod';
import { durationField } from '../core/fields.ts';
import type { Schedule } from './contract.ts';

/** One schedule of the file. */
export const scheduleSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'small letters, digits and hyphens, at most 63')
    .describe('What this schedule is called.'),
  cron: z
    .string()
    .min(1)
    .describe(
      'When it is due: minute, hour, day of the month, month, weekday; with seconds before them where there are six.',
    ),
  zone: z
    .string()
    .min(1)
    .default('UTC')
    .describe('Time zone that the expression is read in, such as Europe/Rome.'),
  experiments: z
    .array(z.string().min(1))
    .min(1)
    .describe('Names of experiments; each occurrence starts one of them.'),
  pick: z
    .enum(['random', 'turn'])
    .default('turn')
    .describe('Which of several: one drawn at random, or each in turn.'),
  concurrencyPolicy: z
    .enum(['Forbid', 'Replace'])
    .default('Forbid')
    .describe('While its last run still goes on: skip this occurrence, or end that run and start.'),
  startingDeadlineSeconds: z
    .int()
    .min(10)
    .max(24 * 60 * 60)
    .default(300)
    .describe('How late an occurrence may start; later it counts as missed.'),
  jitter: durationField('Each occurrence starts up to so much later.').default(0),
  approvedBy: z.array(z.string().min(1)).default([]).describe('Who approved a reach that needs it.'),
  paused: z.boolean().default(false).describe('Its occurrences are skipped.'),
});

/** A file of schedules, such as `schedules.yaml`. */
export const schedulesSchema = z.strictObject({
  schedules: z.array(scheduleSchema).describe('What starts by the calendar.'),
});

export type ScheduleEntry = z.infer<typeof scheduleSchema>;

export function toSchedule({ jitter, ...rest }: ScheduleEntry): Schedule {
  return { ...rest, jitterMs: jitter };
}
