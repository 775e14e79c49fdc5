import type { LoadSummary } from '../../core/journal.ts';
import type { LoadTraffic } from '../../core/plan.ts';
import { formatDuration, formatRate, formatShare } from '../../core/units.ts';
import type { LoadResult } from '../../load/result/contract.ts';
import { levelAt, stageAt } from '../../load/stages.ts';

/** How far a load is, in a line. */
export function progressLine({ stages }: LoadTraffic, { traffic }: LoadSummary): string {
  const { durationMs, total, underWay } = traffic!;
  const stage = stages[stageAt(stages, durationMs)]!;
  const level = Math.round(levelAt(stages, durationMs) * 10) / 10;
  const parts = [
    formatDuration(Math.round(durationMs / 100) * 100).padEnd(12),
    `${stage.name}: ${level} ${stage.counts === 'users' ? 'users' : 'a second'}`,
    `${formatRate(total.throughput)} right`,
    `p95 ${total.p95 === null ? '–' : formatDuration(total.p95)}`,
    `${formatShare(total.errorRate ?? 0)} failed`,
    `${underWay.requests} under way`,
  ];
  return `${parts.join('  ')}\n`;
}

/** What a load came to, for the terminal. */
export function resultLines(result: LoadResult): string {
  const { thresholds, breakingPoint, resources, comparison, sentence } = result;
  const marks = { true: 'met    ', false: 'missed ', null: 'untold ' } as const;
  const lines = [
    '',
    ...thresholds.map(
      ({ text, shown, met, why }) =>
        `  ${marks[`${met}`]} ${text}  (${why === undefined ? shown : `not assessed: ${why}`})`,
    ),
    ...(breakingPoint?.firstBad
      ? [
          `  breaking point: ${breakingPoint.firstBad.stage}, ${breakingPoint.firstBad.why}; last good: ${breakingPoint.lastGood?.stage ?? 'none'}`,
        ]
      : []),
    ...(resources.bottleneck ? [`  likely bottleneck: ${resources.bottleneck}`] : []),
    ...resources.assessed.flatMap(({ suggestion }) =>
      suggestion
        ? [`    ${suggestion.what}: from ${suggestion.from} to ${suggestion.to}; ${suggestion.gain}`]
        : [],
    ),
    ...(comparison ? [`  compared with ${comparison.with}: ${compared(comparison)}`] : []),
    '',
    sentence,
  ];
  return `${lines.join('\n')}\n`;
}

function compared({ notAssessed, latencies, regression }: NonNullable<LoadResult['comparison']>): string {
  if (notAssessed !== undefined) return `not assessed, ${notAssessed}`;
  const figures = latencies.map(
    ({ measure, ratio, verdict }) => `${measure} ${ratio.toFixed(2)}x (${verdict})`,
  );
  return `${regression ? 'regression' : 'no regression'}: ${figures.join(', ')}`;
}
