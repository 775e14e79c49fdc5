interface Coordinates {
  coord(point: readonly [number, number]): number[];
}

/** One block of a stack: from `low` to `high` over a stretch of time. */
export interface Block {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** All blocks of one colour as one path. */
export function blocks(drawn: readonly Block[], index: number, color: string, opacity: number) {
  return {
    type: 'custom' as const,
    xAxisIndex: index,
    yAxisIndex: index,
    silent: true,
    clip: true,
    z: 3,
    data: [[0, 0]],
    renderItem: (_: unknown, api: Coordinates) => ({
      type: 'path',
      shape: {
        pathData: drawn
          .map(({ from, to, low, high }) => {
            const [left, bottom] = api.coord([from, low]) as [number, number];
            const [right, top] = api.coord([to, high]) as [number, number];
            return `M${left.toFixed(1)} ${bottom.toFixed(1)}V${top.toFixed(1)}H${right.toFixed(1)}V${bottom.toFixed(1)}Z`;
          })
          .join(''),
      },
      style: { fill: color, opacity },
    }),
  };
}
