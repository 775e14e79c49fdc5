import { z } from 'zod';
import { type Expectation, meets, parseExpectation } from '../../core/expectation.ts';
import { parsed } from '../../core/fields.ts';
import { KINDS } from '../../experiments/schema/probes.ts';
import { checkKind } from './kind.ts';
import { measureOnce } from './measure-once.ts';

function expected(measure: 'status' | 'value', example: string, description: string) {
  return parsed<Expectation>(
    `an operator and a number, such as "${example}"`,
    [z.number(), z.string()],
    (given) => parseExpectation(measure, given),
    { description },
  );
}

const value = { value: expected('value', '== 0', 'What the number must be: "== 0".') };

const httpSchema = KINDS.http
  .extend({ status: expected('status', '< 400', 'Status of the answer: 200, or "< 400".').prefault('< 400') })
  .describe('Sends an HTTP request; its status tells.');
export const http = checkKind<z.output<typeof httpSchema>>({
  schema: httpSchema,
  addresses: ({ url }) => [url],
  run: ({ status, ...spec }, context) =>
    measureOnce(
      { kind: 'http', ...spec },
      (sample) => meets(status, sample.status ?? Number.NaN),
      status.text,
      context,
    ),
});

const postgresSchema = KINDS.postgres
  .extend(value)
  .describe('Runs a query; the first column of its first row tells.');
export const postgres = checkKind<z.output<typeof postgresSchema>>({
  schema: postgresSchema,
  addresses: ({ url }) => [url],
  run: ({ value: wanted, ...spec }, context) =>
    measureOnce({ kind: 'postgres', ...spec }, byValue(wanted), wanted.text, context),
});

const redisSchema = KINDS.redis.extend(value).describe('Sends a Redis command; its reply tells.');
export const redis = checkKind<z.output<typeof redisSchema>>({
  schema: redisSchema,
  addresses: ({ url }) => [url],
  run: ({ value: wanted, ...spec }, context) =>
    measureOnce({ kind: 'redis', ...spec }, byValue(wanted), wanted.text, context),
});

const prometheusSchema = KINDS.prometheus
  .extend(value)
  .describe('Reads one metric from a Prometheus page; its value tells.');
export const prometheus = checkKind<z.output<typeof prometheusSchema>>({
  schema: prometheusSchema,
  addresses: ({ url }) => [url],
  run: ({ value: wanted, ...spec }, context) =>
    measureOnce({ kind: 'prometheus', ...spec }, byValue(wanted), wanted.text, context),
});

function byValue(wanted: Expectation) {
  return (sample: { readonly value?: number }) => meets(wanted, sample.value ?? Number.NaN);
}
