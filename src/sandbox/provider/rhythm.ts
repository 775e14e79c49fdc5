/** How fast the simulator answers. Times in ms. */
export interface Rhythm {
  /** Median time to the first token. */
  readonly firstToken: number;
  /** Mean time between two tokens. */
  readonly betweenTokens: number;
  /** Mean number of tokens in an answer. */
  readonly tokens: number;
}

/** Log-normal around the median, as times to the first token are: most close by, a few far out. */
export function firstTokenDelay(rhythm: Rhythm, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return rhythm.firstToken * Math.exp(0.25 * normal);
}

export function tokenDelay(rhythm: Rhythm, random: () => number): number {
  return rhythm.betweenTokens * (0.5 + random());
}

export function answerLength(rhythm: Rhythm, random: () => number): number {
  return Math.max(1, Math.round(rhythm.tokens * (0.75 + 0.5 * random())));
}
