import type { TrafficSummary } from '../../core/journal.ts';
import { formatShare } from '../../core/units.ts';
import type { Assessed, AssessOptions } from './assess.ts';
import { busy, notAssessed, ratesOf, seriesOf, stateOf } from './series.ts';

const AT = 0.8;
const NEAR = 0.7;
/** Where a machine that must answer in time should be run. */
const WANTED = 0.6;

export function assessCpu({ samples, summary, cores: given }: AssessOptions): Assessed {
  const rates = ratesOf(samples, 'cpuSeconds');
  if (rates.length === 0) return notAssessed('CPU', 'no metrics tell how much CPU the target uses');
  const cores = given ?? (seriesOf(samples, 'oneThread').length > 0 ? 1 : undefined);
  if (cores === undefined) return notAssessed('CPU', 'how many cores the target may use is not told');
  const used = busy(rates.map(({ value }) => value)) / cores;
  const state = stateOf(used, AT, NEAR);
  const follows = correlation(rates, summary);
  const with95 =
    follows === undefined
      ? ''
      : `; p95 ${follows > 0.5 ? 'rises and falls with it' : 'does not follow it'} (r = ${follows.toFixed(2)})`;
  const wanted = Math.max(cores + 1, Math.ceil((cores * used) / WANTED));
  return {
    resource: 'CPU',
    state,
    evidence: `${formatShare(used, 0)} of ${cores === 1 ? 'one core' : `${cores} cores`} in the busiest quarter of the time${with95}`,
    pressure: used / AT,
    ...(state === 'bottleneck'
      ? {
          suggestion: {
            what: cores === 1 ? 'processes of the service, each with a core' : 'cores of the service',
            from: String(cores),
            to: String(wanted),
            priority: 'high',
            effort: cores === 1 ? 'medium' : 'low',
            gain: `time spent waiting for CPU falls to about ${formatShare(waiting((used * cores) / wanted) / waiting(used), 0)} of what it is (1/(1 − utilisation) of a single queue)`,
          },
        }
      : {}),
  };
}

/** Time in an M/M/1 queue, in units of the service time; a full one is reckoned at 98%. */
function waiting(utilisation: number): number {
  return 1 / (1 - Math.min(0.98, utilisation));
}

/** Pearson's, of CPU and the p95 of the windows within each reading; undefined for fewer than five, or where one never changes. */
function correlation(
  rates: ReturnType<typeof ratesOf>,
  { windows, windowMs }: TrafficSummary,
): number | undefined {
  const pairs = rates.flatMap(({ from, to, value }) => {
    const inside = windows.filter(({ at, p95 }) => p95 !== null && at + windowMs > from && at < to);
    if (inside.length === 0) return [];
    return [[value, inside.reduce((sum, { p95 }) => sum + p95!, 0) / inside.length] as const];
  });
  if (pairs.length < 5) return undefined;
  const mean = (index: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[index], 0) / pairs.length;
  const [left, right] = [mean(0), mean(1)];
  const sum = (of: (x: number, y: number) => number) =>
    pairs.reduce((total, [x, y]) => total + of(x - left, y - right), 0);
  const spread = Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
  return spread > 0 ? sum((x, y) => x * y) / spread : undefined;
}
