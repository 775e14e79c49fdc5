import { z } from 'zod';
import { durationField, shareField } from '../../core/fields.ts';
import { abortRuleSchema } from './abort-rule.ts';
import { parseDate, parseDays, parseTime, parseZone } from './days.ts';
import { toleranceSchema } from './tolerance.ts';

const names = (description: string) => z.array(z.string().min(1)).describe(description);
const zone = checked(parseZone, 'Time zone by its IANA name, such as Europe/Rome.').default('UTC');

const reachSchema = z.strictObject({
  toxicity: shareField('Highest toxicity of any fault.').optional(),
  proxies: z.int().min(1).optional().describe('How many proxies may have faults at once.'),
  addedLatency: durationField(
    'Longest delay that the faults of a step may add on one proxy together; one that holds counts for its whole step.',
  ).optional(),
  duration: durationField('Longest run of all steps, gates included at their longest.').optional(),
  connections: z.int().min(1).optional().describe('Connections that the load may open.'),
  requestsPerSecond: z.number().positive().optional().describe('Requests a second that the load may send.'),
  runs: z.int().min(1).optional().describe('Experiments at the same time.'),
});

/** `safety-limits.yaml`. What it leaves out is as the built-in limits have it. */
export const safetyLimitsSchema = z
  .strictObject({
    environment: z
      .strictObject({
        name: z.string().min(1).describe('What this environment is called.'),
        allowed: names('Environments in which experiments may run.').default(['local']),
      })
      .optional()
      .describe('Where experiments may run.'),
    targets: z
      .strictObject({
        allow: names(
          'Globs of public hosts that may be touched; private and loopback addresses always may.',
        ).default([]),
        deny: names('Globs of hosts that may not be touched; outranks allow.').default([]),
      })
      .optional()
      .describe('Hosts of upstreams, probes and load.'),
    env: z
      .array(z.string().regex(/^\w+$/, { error: () => 'expected the name of a variable' }))
      .optional()
      .describe('Environment variables that ${NAME} may stand for in an experiment.'),
    reach: reachSchema.optional().describe('How far an experiment may go.'),
    exempt: z
      .strictObject({
        headers: z
          .record(z.string(), z.string())
          .default({})
          .describe('Requests with these headers (globs) are left alone.'),
        clients: names('Clients (address or CIDR) that are left alone.').default([]),
      })
      .optional()
      .describe('Traffic that no fault touches.'),
    abortWhen: z
      .array(abortRuleSchema)
      .optional()
      .describe(
        'Everything is taken back when one of these holds. An empty list leaves it to the experiments.',
      ),
    monitor: z
      .strictObject({
        lease: durationField(
          'Time after which faults end by themselves when nobody renews them, 1 s to 5 min.',
          {
            min: 1000,
          },
        )
          .refine((ms) => ms <= 300_000, 'a lease is 1 s to 5 min')
          .optional(),
        falseAbort: z
          .union(
            [
              z.literal('off').describe('Probes are held against limits alone, not against their baseline.'),
              shareField(
                'Bound on the chance per run that a probe is wrongly found worse than its baseline.',
              ).refine((share) => share > 0 && share < 1, 'give a share between 0% and 100%, such as 0.1%'),
            ],
            { error: () => 'expected a share such as 0.1%, or off' },
          )
          .optional(),
        tolerate: toleranceSchema
          .optional()
          .describe('How much worse than its baseline a probe may be before everything is taken back.'),
        onMissing: z
          .enum(['abort', 'inconclusive'])
          .optional()
          .describe('What a probe without fresh samples leads to.'),
        onMonitorLoss: z
          .enum(['rollback'])
          .optional()
          .describe('What losing the data plane or the monitor leads to.'),
      })
      .optional()
      .describe('How health is watched.'),
    windows: z
      .array(
        z.strictObject({
          days: checked(parseDays, 'Weekdays: mon-fri, or sat,sun.').default('mon-sun'),
          from: checked(parseTime, 'First minute, as 09:00.'),
          to: checked(parseTime, 'First minute after it, as 17:00; before "from": on the next day.'),
          zone,
        }),
      )
      .optional()
      .describe('Hours in which experiments may run; without any, always.'),
    freezes: z
      .array(
        z
          .strictObject({
            from: checked(parseDate, 'First day, as 2026-12-20.'),
            to: checked(parseDate, 'Last day.'),
            zone,
          })
          .refine(({ from, to }) => from <= to, {
            path: ['to'],
            message: 'a freeze cannot end before it begins',
          }),
      )
      .optional()
      .describe('Days on which no experiment may run.'),
    approvals: z
      .strictObject({
        above: reachSchema.describe('Reach above which a run needs approval.'),
        by: z.int().min(1).default(1).describe('How many people must approve.'),
      })
      .optional()
      .describe('Runs that need approval.'),
    spend: z
      .strictObject({
        retryAmplification: z
          .number()
          .min(1)
          .optional()
          .describe('Requests upstream for each request of a client, at most.'),
        extraRequests: z.int().min(0).optional().describe('Requests that retries may add in a run.'),
      })
      .optional()
      .describe('What retries may cost.'),
    stopFile: z
      .string()
      .min(1)
      .optional()
      .describe('While this file exists no run starts, and a live one is taken back.'),
  })
  .describe('What no experiment may do, whatever its file says.');

export type SafetyLimitsFile = z.output<typeof safetyLimitsSchema>;

/** A text that `check` takes without throwing a sentence. */
function checked(check: (text: string) => unknown, description: string) {
  return z
    .string()
    .superRefine((value, context) => {
      try {
        check(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    })
    .meta({ description });
}
