import { z } from 'zod';
import { pathField, requestFields, targetField, thresholdSchema, trafficFields } from '../../load/schema.ts';

const requestSchema = z.strictObject({
  ...requestFields,
  path: pathField.describe('Path with its query, below the target.'),
  weight: z
    .number()
    .positive()
    .default(1)
    .describe("Share of the requests, relative to the others' weights."),
});

/** @param when during which time it is sent */
export function createLoadSchema(when: string) {
  return z
    .strictObject({
      target: targetField,
      connections: z.int().min(1).optional().describe('Connections at once; 10 by default.'),
      rate: z
        .number()
        .positive()
        .optional()
        .describe('Requests a second over all connections; 10 by default.'),
      paths: z.array(pathField).min(1).optional().describe('Paths to GET, in equal shares.'),
      requests: z.array(requestSchema).min(1).optional().describe('Requests, each with its share.'),
      ...trafficFields,
      thresholds: z
        .array(thresholdSchema)
        .min(1)
        .optional()
        .describe('What it must meet on the whole, faults and all; one that is missed is a deviation.'),
    })
    .superRefine((load, context) => {
      const { paths, requests } = load;
      if (paths && requests) refuse(context, 'paths', 'give paths or requests, not both');
      if (load.profile === undefined && !load.stages && !load.scenarios) {
        for (const key of ['users', 'timeScale', 'think', 'answerWithin', 'seed', 'thresholds'] as const) {
          if (load[key] !== undefined)
            refuse(context, key, `${key} needs a profile, or stages and scenarios`);
        }
        if (!/^https?:/.test(load.target)) {
          refuse(
            context,
            'target',
            'a steady load goes to http:// or https://; a Redis needs a profile or scenarios',
          );
        }
        return;
      }
      if (load.thresholds?.some(({ cacheHitRate }) => cacheHitRate)) {
        refuse(context, 'thresholds', 'no metrics tell an experiment of cacheHitRate: ask a probe for it');
      }
      for (const key of ['rate', 'paths', 'requests'] as const) {
        if (load[key]) refuse(context, key, `${key} is for a steady load, and this one has stages`);
      }
    })
    .describe(`Traffic to send during ${when}.`);
}

export type LoadInput = z.output<ReturnType<typeof createLoadSchema>>;

function refuse(context: z.RefinementCtx, key: string, message: string): void {
  context.addIssue({ code: 'custom', path: [key], message });
}
