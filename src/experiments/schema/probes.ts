import { z } from 'zod';
import {
  type Expectation,
  type Measure,
  parseExpectation,
  parseRelativeExpectation,
} from '../../core/expectation.ts';
import { durationField, urlField } from '../../core/fields.ts';
import { sloField } from '../../safety/limits/abort-rule.ts';

const headers = z
  .record(z.string(), z.string())
  .default({})
  .describe('Request headers; values may hold ${NAME}.');

/** What each kind of probe asks, by its kind. */
export const KINDS = {
  http: z
    .strictObject({
      url: urlField(['http:', 'https:'], 'Where to send the request.'),
      method: z
        .string()
        .regex(/^[A-Z]+$/, { error: () => 'expected a method such as GET' })
        .default('GET')
        .describe('Request method.'),
      headers,
      body: z.string().optional().describe('Request body.'),
    })
    .describe('Sends an HTTP request.'),
  postgres: z
    .strictObject({
      url: urlField(['postgres:', 'postgresql:'], 'Connection string.'),
      query: z
        .string()
        .min(1)
        .default('select 1')
        .describe('Its first column of its first row is the value.'),
    })
    .describe('Runs a query.'),
  redis: z
    .strictObject({
      url: urlField(['redis:', 'rediss:'], 'Where Redis is.'),
      command: z
        .union([z.string().min(1), z.array(z.union([z.string(), z.number()])).min(1)], {
          error: () => 'expected a command such as [LLEN, queue]',
        })
        .default('PING')
        .transform((command) =>
          typeof command === 'string' ? command.trim().split(/\s+/) : command.map(String),
        )
        .describe('Command with its arguments; the reply is the value.'),
    })
    .describe('Sends a Redis command.'),
  prometheus: z
    .strictObject({
      url: urlField(['http:', 'https:'], 'Where the metrics are, such as http://127.0.0.1:3000/metrics.'),
      metric: z.string().min(1).describe('Name of the metric, with labels where it has some: up{job="api"}.'),
      headers,
    })
    .describe('Reads one metric from a Prometheus endpoint.'),
  command: z
    .strictObject({
      run: z.array(z.string()).min(1).describe('Program and arguments; no shell.'),
      env: z
        .record(z.string(), z.string())
        .default({})
        .describe('Environment variables; values may hold ${NAME}.'),
    })
    .describe('Runs a program; its exit code is the value.'),
} as const;

export type ProbeKind = keyof typeof KINDS;
export const PROBE_KINDS = Object.keys(KINDS) as readonly ProbeKind[];

const DEFAULT_WINDOW = 10_000;

export const probeSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w-]{1,63}$/, { error: () => 'expected letters, digits, - and _' })
      .describe('Name of the probe.'),
    http: KINDS.http.optional(),
    postgres: KINDS.postgres.optional(),
    redis: KINDS.redis.optional(),
    prometheus: KINDS.prometheus.optional(),
    command: KINDS.command.optional(),
    every: durationField('Time from one measurement to the next.', { min: 10 }).default(1000),
    timeout: durationField('A measurement that takes longer has failed.', { min: 1 }).default(2000),
    window: durationField('Span over which rates and percentiles are taken.', { min: 100 }).default(
      DEFAULT_WINDOW,
    ),
    slo: sloField(
      'Share of samples that may not fail, such as 99.9%: everything is taken back when its error budget is spent too fast.',
    ).optional(),
    expect: z
      .strictObject({
        status: expectationField('status', 'Status of each answer: 200, or "< 400".').optional(),
        value: expectationField('value', 'The number that the probe reads, each time: "== 0".').optional(),
        errorRate: expectationField('errorRate', 'Share of failed samples: "< 1%".').optional(),
        p50: expectationField('p50', 'Median: "< 100ms".').optional(),
        p95: expectationField('p95', '95th percentile: "< 300ms".').optional(),
        p99: expectationField('p99', '99th percentile: "< 1s".').optional(),
        max: expectationField('max', 'Slowest sample: "< 2s".').optional(),
        vsBaseline: listOf(
          (value) => parseRelativeExpectation(String(value)),
          'MEASURE OP NUMBERx, such as "p95 < 2x"',
          'Against the baseline: "p95 < 2x".',
        ).optional(),
      })
      .default({})
      .describe('What holds in the steady state.'),
  })
  .superRefine((probe, context) => {
    const kinds = PROBE_KINDS.filter((kind) => probe[kind] !== undefined);
    if (kinds.length === 1) return;
    const what =
      kinds.length === 0
        ? 'says nothing to measure'
        : `says ${kinds.length} things to measure (${kinds.join(', ')})`;
    context.addIssue({
      code: 'custom',
      message: `probe "${probe.name}" ${what}: give one of ${PROBE_KINDS.join(', ')}`,
    });
  })
  .describe('A repeated measurement of health, as users feel it.');

export type ProbeInput = z.output<typeof probeSchema>;

/** One expectation, or a list of which all must hold. */
function expectationField(measure: Measure, description: string) {
  return listOf(
    (value) => parseExpectation(measure, value),
    'an operator and a number, such as "< 300ms"',
    description,
  );
}

function listOf(read: (value: string | number) => Expectation, expected: string, description: string) {
  const one = z.union([z.string(), z.number()], { error: () => `expected ${expected}` });
  return z
    .union([one, z.array(one).min(1)], { error: () => `expected ${expected}, or a list of them` })
    .transform((value, context): readonly Expectation[] =>
      [value].flat().flatMap((entry, index) => {
        try {
          return [read(entry)];
        } catch (error) {
          const path = Array.isArray(value) ? [index] : [];
          context.addIssue({ code: 'custom', path, message: (error as Error).message });
          return [];
        }
      }),
    )
    .meta({ description });
}
