import type { Path } from '../../core/document.ts';
import type { Measure } from '../../core/expectation.ts';
import type { ProbeSpec } from '../../core/plan.ts';
import { formatDuration } from '../../core/units.ts';
import { PROBE_KINDS, type ProbeInput, type ProbeKind } from '../schema/probes.ts';
import type { Problems } from './problems.ts';

const TIMES = ['errorRate', 'p50', 'p95', 'p99', 'max'] as const satisfies readonly Measure[];
const MEASURES_OF: Readonly<Record<ProbeKind, readonly Measure[]>> = {
  http: ['status', ...TIMES],
  postgres: ['value', ...TIMES],
  redis: ['value', ...TIMES],
  prometheus: ['value', ...TIMES],
  command: ['value', ...TIMES],
};

/** Fewer samples are no rate and no percentile. */
export const SAMPLES_NEEDED = 20;

export function planProbes(
  probes: readonly ProbeInput[],
  baselineMs: number,
  problems: Problems,
): readonly ProbeSpec[] {
  return probes.map((probe, index) => {
    const path = ['steadyState', 'probes', index];
    const first = probes.findIndex(({ name }) => name === probe.name);
    if (first < index) {
      problems.nameTaken('probe', probe.name, [...path, 'name'], ['steadyState', 'probes', first, 'name']);
    }
    const spec = toSpec(probe);
    checkMeasures(spec, path, problems);
    const samples = Math.floor(baselineMs / spec.everyMs);
    const judged = spec.expect.some(({ measure }) => measure !== 'status' && measure !== 'value');
    if (judged && samples < SAMPLES_NEEDED) {
      const values = {
        baseline: formatDuration(baselineMs),
        probe: spec.name,
        samples,
        needed: SAMPLES_NEEDED,
      };
      problems.add('BASELINE_TOO_SHORT', values, ['steadyState', 'baseline']);
    }
    return spec;
  });
}

/** @returns undefined where the probe has the measure, else what it has */
export function measuresInstead(probe: ProbeSpec, measure: Measure): string | undefined {
  const measures = MEASURES_OF[probe.kind];
  return measures.includes(measure) ? undefined : measures.join(', ');
}

function toSpec(probe: ProbeInput): ProbeSpec {
  const { status, value, errorRate, p50, p95, p99, max, vsBaseline } = probe.expect;
  const kind = PROBE_KINDS.find((known) => probe[known] !== undefined)!;
  return {
    name: probe.name,
    everyMs: probe.every,
    timeoutMs: probe.timeout,
    windowMs: probe.window,
    expect: [status, value, errorRate, p50, p95, p99, max, vsBaseline].flatMap((given) => given ?? []),
    kind,
    ...probe[kind],
  } as ProbeSpec;
}

function checkMeasures(spec: ProbeSpec, path: Path, problems: Problems): void {
  for (const { measure, relative } of spec.expect) {
    const measures = measuresInstead(spec, measure);
    if (measures === undefined) continue;
    const key = relative ? 'vsBaseline' : measure;
    problems.add('MEASURE_NOT_SEEN', { kind: spec.kind, measure, measures }, [...path, 'expect', key], 'key');
  }
}
