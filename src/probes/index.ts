import type { ProbeSpec } from '../core/plan.ts';
import type { Probe } from '../core/ports.ts';
import { commandSource } from './command.ts';
import { httpSource } from './http.ts';
import { postgresSource } from './postgres.ts';
import { prometheusSource } from './prometheus.ts';
import { redisSource } from './redis.ts';
import type { ProbeContext } from './secrets.ts';
import { type Source, timed } from './timed.ts';

export type { ProbeContext } from './secrets.ts';

type Kind = ProbeSpec['kind'];
type Sources = {
  readonly [K in Kind]: (spec: Extract<ProbeSpec, { kind: K }>, context: ProbeContext) => Source;
};

const SOURCES: Sources = {
  http: httpSource,
  postgres: postgresSource,
  redis: redisSource,
  prometheus: prometheusSource,
  command: commandSource,
};

/**
 * A probe of the spec's kind. It measures and says whether there was an answer; whether a status or value is as expected
 * is judged by the health watch. Measurements may overlap.
 */
export function createProbe(spec: ProbeSpec, context: ProbeContext): Probe {
  const source = SOURCES[spec.kind] as (spec: ProbeSpec, context: ProbeContext) => Source;
  return timed(spec.name, spec.timeoutMs, source(spec, context));
}
