import type { Point } from '../summary.ts';

interface Coordinates {
  coord(point: readonly [number, number]): number[];
}

/**
 * Many dots as one path: a line of no length with round ends is a dot. Hundreds of separate elements would make the page
 * ten times as heavy.
 */
export function dots(
  points: readonly Point[],
  axis: { readonly gridIndex: number },
  style: { readonly color: string; readonly size: number; readonly opacity?: number; readonly z?: number },
) {
  return {
    type: 'custom' as const,
    xAxisIndex: axis.gridIndex,
    yAxisIndex: axis.gridIndex,
    silent: true,
    clip: true,
    z: style.z ?? 3,
    data: [[0, 0]],
    renderItem: (_: unknown, api: Coordinates) => ({
      type: 'path',
      shape: { pathData: pathOf(points.map((point) => api.coord([point[0], point[1]]))) },
      style: {
        fill: 'none',
        stroke: style.color,
        lineWidth: style.size,
        lineCap: 'round',
        opacity: style.opacity ?? 1,
      },
    }),
  };
}

function pathOf(places: readonly number[][]): string {
  const drawn = places.map(
    ([x, y]) => `M${x!.toFixed(1)} ${y!.toFixed(1)}L${x!.toFixed(1)} ${y!.toFixed(1)}`,
  );
  return drawn.join('');
}
