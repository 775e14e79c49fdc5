/**
 * Which of `all` to take: a share of them, at least one where the share is above 0, and at most `most` (0: as many as there
 * are). Those with the lowest draw, so that a rising share only adds.
 */
export function choose<T>(
  all: readonly T[],
  share: number,
  most: number,
  draw: (one: T) => number,
): readonly T[] {
  if (share <= 0 || all.length === 0) return [];
  const wanted = Math.max(1, Math.round(share * all.length));
  return all
    .map((one) => ({ one, draw: draw(one) }))
    .sort((left, right) => left.draw - right.draw)
    .slice(0, most > 0 ? Math.min(most, wanted) : wanted)
    .map(({ one }) => one);
}
