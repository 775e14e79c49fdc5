import type { Summary } from '../summary.ts';
import { moments, type TimeAxis } from './axis.ts';
import { INK } from './paint.ts';

/** Steps as shaded stretches; every other one a little stronger, so that the change is seen. */
export function stepAreas({ steps }: Summary, axis: TimeAxis, named: boolean, narrow: boolean) {
  const shown = steps.filter((step) => step.fromS !== null);
  return {
    silent: true,
    data: shown.map((step, index) => [
      {
        xAxis: step.fromS!,
        itemStyle: { color: INK.shade, opacity: index % 2 === 0 ? 0.55 : 0.95 },
        label: {
          show: named,
          position: 'top',
          distance: 5,
          color: INK.fault,
          fontSize: 11,
          formatter: narrow ? String(step.number) : labelOf(step, axis),
        },
        name: step.name,
      },
      { xAxis: Math.min(step.toS ?? axis.to, axis.to) },
    ]),
  };
}

function labelOf(step: Summary['steps'][number], axis: TimeAxis): string {
  const share = ((step.toS ?? axis.to) - step.fromS!) / (axis.to - axis.from);
  const room = Math.floor((share * 880) / 6.4);
  const whole = `${step.number}  ${step.name}`;
  if (whole.length <= room) return whole;
  return room < 8 ? String(step.number) : `${whole.slice(0, room - 1)}…`;
}

/** The breach and the rollback as upright lines; named in one panel only. */
export function momentLines(summary: Summary, named: boolean, place: 'start' | 'end' = 'end', distance = 32) {
  const { breach, emptied } = moments(summary);
  // Where both fall together on the axis one line says both.
  const together =
    breach !== null && emptied !== null && emptied - breach < (summary.run.to - summary.run.from) / 60;
  const line = (at: number, color: string, text: string, align: 'left' | 'right') => ({
    xAxis: at,
    lineStyle: { color, width: 1.5, type: 'solid' as const },
    label: {
      show: named,
      formatter: text,
      color,
      fontSize: 11,
      fontWeight: 600,
      align,
      position: place,
      distance: [0, distance],
    },
  });
  return {
    silent: true,
    symbol: 'none',
    data: [
      ...(breach !== null && !together ? [line(breach, INK.bad, 'breach', 'right')] : []),
      ...(emptied === null
        ? []
        : [
            together
              ? line(emptied, INK.bad, 'breach, rolled back', 'left')
              : line(emptied, INK.good, 'rolled back', 'left'),
          ]),
    ],
  };
}
