import { formatShare, formatSize } from '../../core/units.ts';
import type { Assessed, AssessOptions } from './assess.ts';
import { notAssessed, seriesOf, stateOf } from './series.ts';

const AT = 0.85;
const NEAR = 0.8;
const WANTED = 0.6;
/** More at the end than at the beginning by that factor: it grows, and does not only warm up. */
const GROWS = 1.2;
const SAMPLES_NEEDED = 6;

export function assessMemory({ samples, memoryBytes }: AssessOptions): Assessed {
  const used = seriesOf(samples, 'memoryBytes').map(({ value }) => value);
  if (used.length === 0) return notAssessed('memory', 'no metrics tell how much memory the target uses');
  const starts = new Set(seriesOf(samples, 'startedAt').map(({ value }) => value));
  if (starts.size > 1) {
    return {
      resource: 'memory',
      state: 'near',
      evidence: `the process was started ${starts.size - 1} times anew during the load, at ${formatSize(Math.max(...used))} at most; whether memory ended it, its own log tells`,
      pressure: 1,
    };
  }
  const most = Math.max(...used);
  const growth = grownBy(used);
  const grew =
    growth === undefined
      ? ''
      : growth > GROWS
        ? `, growing: ${formatShare(growth - 1, 0)} more in the last third than in the first`
        : ', not growing';
  const limit = memoryBytes ?? seriesOf(samples, 'memoryLimitBytes').at(-1)?.value;
  if (!limit) {
    const evidence = `${formatSize(most)} at most${grew}; how much it may use is not told`;
    return growth !== undefined && growth > GROWS
      ? { resource: 'memory', state: 'near', evidence, pressure: 0.9 }
      : notAssessed('memory', evidence);
  }
  const share = most / limit;
  const state = stateOf(share, AT, NEAR);
  return {
    resource: 'memory',
    state,
    evidence: `${formatSize(most)} of ${formatSize(limit)} at most (${formatShare(share, 0)})${grew}`,
    pressure: share / AT,
    ...(state === 'bottleneck'
      ? {
          suggestion: {
            what:
              growth !== undefined && growth > GROWS ? 'memory, and a bound on what is kept in it' : 'memory',
            from: formatSize(limit),
            to: formatSize(most / WANTED),
            priority: 'high',
            effort: growth !== undefined && growth > GROWS ? 'high' : 'low',
            gain: `${formatShare(WANTED, 0)} used at this load, in place of ${formatShare(share, 0)}`,
          },
        }
      : {}),
  };
}

/** The last third, as a factor of the first; undefined for too few. */
function grownBy(values: readonly number[]): number | undefined {
  if (values.length < SAMPLES_NEEDED) return undefined;
  const third = Math.floor(values.length / 3);
  const mean = (part: readonly number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
  return mean(values.slice(-third)) / mean(values.slice(0, third));
}
