/** Spreads a wait evenly between half of it and one and a half of it, so that its mean stays. */
export function jitter(ms: number, random: () => number): number {
  return ms * (0.5 + random());
}
