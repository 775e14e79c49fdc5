import type { Summary } from '../summary.ts';
import { moments, type TimeAxis } from './axis.ts';
import { INK } from './paint.ts';

/** Steps as shaded stretches; every other one a little stronger, so that the change is seen. */
export function stepAreas(
  { steps }: Summary,
  axis: TimeAxis,
  {
    named,
    narrow,
    distance,
  }: { readonly named: boolean; readonly narrow: boolean; readonly distance: number },
) {
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
          distance,
          color: INK.fault,
          fontSize: 12,
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
  const room = Math.floor((share * 880) / 6.9);
  const whole = `${step.number}  ${step.name}`;
  if (whole.length <= room) return whole;
  return room < 8 ? String(step.number) : `${whole.slice(0, room - 1)}…`;
}

interface MomentOptions {
  /** Name them: in one panel only. */
  readonly named: boolean;
  readonly narrow: boolean;
  /** Which end of the line is above; an inverse axis begins there. */
  readonly above?: 'start' | 'end';
  /** From the frame to the name, px. */
  readonly distance?: number;
}

/** The breach and the rollback as upright lines. */
export function momentLines(
  summary: Summary,
  { named, narrow, above = 'end', distance = 32 }: MomentOptions,
) {
  const { breach, emptied } = moments(summary);
  const span = summary.run.to - summary.run.from;
  // Where both fall together on the axis one line says both.
  const together = breach !== null && emptied !== null && emptied - breach < span / 60;
  const line = (at: number, color: string, text: string, align: 'left' | 'right') => {
    const room = ((summary.run.to - at) / span) * (narrow ? 300 : 900);
    return {
      xAxis: at,
      lineStyle: { color, width: 1.5, type: 'solid' as const },
      label: {
        show: named,
        formatter: text,
        color,
        fontSize: 12,
        fontWeight: 600,
        align: room < text.length * 7 ? 'right' : align,
        position: above,
        distance: [0, distance],
      },
    };
  };
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
