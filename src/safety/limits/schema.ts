import { z } from 'zod';
import { durationField, shareField } from '../../core/fields.ts';
import { addressTest } from '../../proxy/match.ts';
import { abortRuleSchema } from './abort-rule.ts';
import { parseDate, parseDays, parseTime, parseZone } from './days.ts';
import { checkPattern } from './targets.ts';
import { toleranceSchema } from './tolerance.ts';

const names = (description: string) => z.array(z.string().min(1)).describe(description);
const hosts = (description: string) =>
  z.array(checked(checkPattern, 'A glob such as *.staging.example, or a network.')).describe(description);
const zone = checked(parseZone, 'Time zone by its IANA name, such as Europe/Rome.').default('UTC');

const reachSchema = z.strictObject({
  toxicity: shareField('Highest toxicity of any fault.').optional(),
  proxies: z.int().min(1).optional().describe('How many proxies may have faults at once.'),
  addedLatency: durationField(
    'Longest delay that the faults of a step may add on one proxy together; one that holds counts for its whole step.',
  ).optional(),
  duration: durationField('Longest run of all steps, gates included at their longest.').optional(),
  connections: z
    .int()
    .min(1)
    .optional()
    .describe('Connections that the load may open, and open ones that faults may act on at once.'),
  requestsPerSecond: z
    .number()
    .positive()
    .optional()
    .describe('Requests a second that the load may send, and HTTP requests a second that faults may act on.'),
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
        allow: hosts(
          'Globs or networks of public hosts that may be touched; private and loopback addresses always may.',
        ).default([]),
        deny: hosts('Globs or networks of hosts that may not be touched; outranks allow.').default([]),
      })
      .optional()
      .describe('Hosts of upstreams, drivers, probes and load, and the addresses that they lead to.'),
    env: z
      .array(z.string().regex(/^\w+$/, { error: () => 'expected the name of a variable' }))
      .optional()
      .describe('Environment variables that ${NAME} may stand for in an experiment.'),
    reach: reachSchema.optional().describe('How far an experiment may go.'),
    exempt: z
      .strictObject({
        headers: z
          .record(z.string(), z.string().min(1))
          .superRefine((headers, context) => {
            const wrong = Object.keys(headers).filter((name) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name));
            for (const name of wrong)
              context.addIssue({ code: 'custom', path: [name], message: `"${name}" is no name of a header` });
          })
          .default({})
          .describe(
            'Requests that carry one of these headers (globs) are left alone. Only faults that act on requests can see them: with others on an HTTP proxy an experiment is refused.',
          ),
        clients: z
          .array(checked(checkClient, 'An address, or a network such as 10.0.0.0/8.'))
          .default([])
          .describe('Clients that are left alone, as the proxy sees their address.'),
      })
      .optional()
      .describe('Traffic that no fault of an experiment touches; it is counted as skipped.'),
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
        z
          .strictObject({
            days: checked(parseDays, 'Weekdays: mon-fri, or sat,sun.').default('mon-sun'),
            from: checked(parseTime, 'First minute, as 09:00.'),
            to: checked(parseTime, 'First minute after it, as 17:00; before "from": on the next day.'),
            zone,
          })
          .refine(({ from, to }) => from !== to, {
            path: ['to'],
            message:
              'a window cannot end in the minute in which it begins: write 00:00 and 24:00 for a whole day',
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
        above: reachSchema
          .omit({ runs: true })
          .refine(
            (above) => Object.keys(above).length > 0,
            'names no reach, so that nothing would need approval',
          )
          .describe('Reach above which a run needs approval.'),
        by: z.int().min(1).default(1).describe('How many different people must approve.'),
      })
      .optional()
      .describe('Runs that need approval.'),
    spend: z
      .strictObject({
        retryAmplification: z
          .number()
          .min(1)
          .optional()
          .describe(
            'Requests that a paid provider gets for each that clients began, or for each of the baseline, over ten seconds.',
          ),
        extraRequests: z
          .int()
          .min(0)
          .optional()
          .describe('Requests to paid providers that retries may add, from the first fault on.'),
      })
      .optional()
      .describe('What retries may cost at AI providers; a run that passes it is aborted.'),
    stopFile: z
      .string()
      .min(1)
      .optional()
      .describe('While this file exists no run starts, and a live one is taken back.'),
  })
  .describe('What no experiment may do, whatever its file says.');

export type SafetyLimitsFile = z.output<typeof safetyLimitsSchema>;

function checkClient(text: string): void {
  try {
    addressTest(text, '');
  } catch {
    throw new Error(`"${text}" is no address: write it as 10.1.2.3, or a network as 10.0.0.0/8`);
  }
}

/** A text that `check` takes without throwing a sentence. */
export function checked(check: (text: string) => unknown, description: string) {
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
