import { z } from 'zod';
import { parseExpectation, parseRelativeExpectation } from '../core/expectation.ts';
import { durationField, parsed, urlField } from '../core/fields.ts';
import { parseSize } from '../core/units.ts';
import { PROFILES } from './profiles/index.ts';
import { ROLES, type Role } from './resources/roles.ts';
import { SCHEMES } from './transports/index.ts';

// "//host/" is an address of another host for some readers of URLs, and the load must stay on its target.
export const pathField = z
  .string()
  .regex(/^\/(?![/\\])/, { error: () => 'expected a path that begins with one /' });

/** What requests of all kinds of load have. */
export const requestFields = {
  method: z
    .string()
    .regex(/^[A-Z]+$/, { error: () => 'expected a method such as GET' })
    .default('GET')
    .describe('Request method.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Request headers; values may hold ${NAME}.'),
  body: z.string().optional().describe('Request body.'),
};

export const targetField = urlField(SCHEMES, 'Where requests go.').refine(
  (url) => !url.includes('${'),
  'write the target out: it may not hold ${NAME}',
);

const name = z
  .string()
  .regex(/^[\w][\w -]{0,62}$/, { error: () => 'expected letters, digits, blanks, - and _' });

const levelField = (description: string, what: z.ZodNumber) =>
  z
    .union([what, z.strictObject({ from: what, to: what })], {
      error: () => 'expected a number, or { from, to } for one that rises or falls evenly',
    })
    .transform((level) => (typeof level === 'number' ? { from: level, to: level } : level))
    .describe(description);

const stageSchema = z
  .strictObject({
    name: name.optional().describe('What thresholds and results call it; by default its number.'),
    for: durationField('How long it lasts.', { min: 100 }),
    users: levelField('Users at once.', z.int().min(0)).optional(),
    rate: levelField(
      'Scenarios begun a second, whatever becomes of those before.',
      z.number().min(0),
    ).optional(),
  })
  .refine(({ users, rate }) => (users === undefined) !== (rate === undefined), {
    error: 'a stage needs users or rate, and not both',
  })
  .describe('A part of the load.');

const requestSchema = z
  .strictObject({
    ...requestFields,
    path: pathField
      .default('/')
      .describe('Path with its query, below the target; may hold {1..60} and other placeholders.'),
    command: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Redis command with its arguments, for a target that is one.'),
    expect: z
      .strictObject({
        status: z.int().min(100).max(599).optional().describe('Status; by default any 2xx.'),
        json: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
          .optional()
          .describe('Values that the answer has, by their path: { "result.sum": 42 }.'),
      })
      .default({})
      .describe('What makes an answer right.'),
    save: z
      .record(z.string().regex(/^[a-zA-Z]\w*$/), z.string())
      .default({})
      .describe('Values of the answer for later requests: { upload: id } makes {upload}.'),
  })
  .describe('One request of a scenario.');

const scenarioSchema = z
  .strictObject({
    name,
    weight: z.number().positive().default(1).describe("Share, relative to the others' weights."),
    requests: z.array(requestSchema).min(1).describe('One after the other; the first that fails ends it.'),
  })
  .describe('What a user does in one go.');

/** What makes a load one with stages and scenarios, in an experiment and in a file of its own. */
export const trafficFields = {
  profile: z
    .string()
    .optional()
    .describe(`A load by its name: ${PROFILES.map((profile) => profile.name).join(', ')}.`),
  users: z.int().min(1).optional().describe("Highest level of the profile's stages; the others follow it."),
  timeScale: z.number().min(0.01).optional().describe('Makes the stages so many times shorter; levels stay.'),
  stages: z.array(stageSchema).min(1).optional().describe('One after the other.'),
  scenarios: z.array(scenarioSchema).min(1).optional().describe('What users do, each with its share.'),
  think: z
    .strictObject({
      from: durationField('Shortest.', { min: 10 }),
      to: durationField('Longest.', { min: 10 }),
    })
    .refine(({ from, to }) => from <= to, { error: 'from is longer than to' })
    .optional()
    .describe('Pause of a user after each answer, drawn evenly.'),
  answerWithin: durationField('A request is given up after this.', { min: 1 }).optional(),
  seed: z.int().min(0).optional().describe('The same seed draws the same numbers and pauses.'),
};

const bound = (
  measure: 'p50' | 'p95' | 'p99' | 'errorRate' | 'throughput' | 'cacheHitRate',
  description: string,
) =>
  parsed(
    'an operator and a number, such as "< 300ms"',
    [z.number(), z.string()],
    (value) => parseExpectation(measure, value),
    { description },
  ).optional();

/** A threshold of a load file; `cacheHitRate` needs the metrics that such a file names. */
export const thresholdSchema = z
  .strictObject({
    scenario: name.optional().describe('Of this scenario alone.'),
    stage: name.optional().describe('Of this stage alone.'),
    against: name.optional().describe('The scenario or stage that `ratio` compares with.'),
    ratio: parsed(
      'MEASURE OP NUMBERx, such as "p95 < 1.5x"',
      [z.number(), z.string()],
      (value) => parseRelativeExpectation(String(value)),
      { description: 'A factor of what `against` has: "p95 < 1.5x".' },
    ).optional(),
    p50: bound('p50', 'Median: "< 100ms".'),
    p95: bound('p95', '95th percentile: "< 3s".'),
    p99: bound('p99', '99th percentile: "< 5s".'),
    errorRate: bound('errorRate', 'Share of requests that failed: "< 1%".'),
    throughput: bound('throughput', 'Right answers: ">= 600/min".'),
    cacheHitRate: bound('cacheHitRate', 'Share of hits, by the metrics of the target: "> 70%".'),
  })
  .refine(({ ratio, against }) => (ratio === undefined) === (against === undefined), {
    error: 'give ratio and against together',
  })
  .refine(
    ({ against, scenario, stage }) =>
      against === undefined || (scenario === undefined) !== (stage === undefined),
    {
      error: 'ratio compares a scenario with a scenario, or a stage with a stage: name one',
    },
  )
  .describe('What the load must meet.');

const metricsSchema = z
  .strictObject({
    url: urlField(
      ['http:', 'https:'],
      'Where the metrics are, such as http://127.0.0.1:3000/metrics.',
    ).refine((url) => !url.includes('${'), 'write the address out: it may not hold ${NAME}'),
    names: z
      .partialRecord(z.enum(Object.keys(ROLES) as [Role, ...Role[]]), z.string().min(1))
      .optional()
      .describe('Metrics by names of your own, such as { databaseInUse: "pool_busy{pool=\\"main\\"}" }.'),
    cores: z
      .number()
      .positive()
      .optional()
      .describe('Cores that the target may use, where its metrics do not tell.'),
    memory: parsed('a size such as 4GiB', [z.number(), z.string()], parseSize, {
      unit: 'bytes',
      description: 'Memory that it may use, where its metrics do not tell.',
    }).optional(),
  })
  .describe('Prometheus metrics of the target: cache hits, and which resource holds it back.');

/** A load file, for `faultline load --file`. */
export const loadFileSchema = z
  .strictObject({
    target: targetField.optional(),
    connections: z.int().min(1).optional().describe('Most connections at once, of a rate.'),
    ...trafficFields,
    metrics: metricsSchema.optional(),
    thresholds: z
      .array(thresholdSchema)
      .min(1)
      .optional()
      .describe("What it must meet; without them the profile's hold."),
  })
  .describe('A load: how many users come when, what they do, and what the answers must meet.');

export type LoadFile = z.output<typeof loadFileSchema>;
