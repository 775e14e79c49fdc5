/** How much of the platform works, from all to nearly nothing. */
export const LEVELS = ['full', 'ai-degraded', 'read-only', 'emergency'] as const;
export type Level = (typeof LEVELS)[number];

/** The health of what the platform stands on. */
export interface Signals {
  readonly ai: 'ok' | 'failing';
  readonly database: 'ok' | 'no-writes' | 'gone';
  /** Shares of what there is, 0 to 1 and more. */
  readonly memory: number;
  readonly queue: number;
}

const BY_DATABASE = { ok: 0, 'no-writes': 2, gone: 3 } as const;

/** The lowest level that one of the signals asks for, with the signal's name. */
export function levelFor(signals: Signals): { readonly level: number; readonly because: string } {
  const wanted = [
    { level: signals.ai === 'failing' ? 1 : 0, because: 'the AI provider fails' },
    { level: BY_DATABASE[signals.database], because: `database: ${signals.database}` },
    { level: step(signals.memory, 0.8, 0.9, 0.97), because: `memory at ${percent(signals.memory)}` },
    { level: step(signals.queue, 0.8, 1), because: `queue at ${percent(signals.queue)}` },
  ];
  const worst = wanted.reduce((a, b) => (b.level > a.level ? b : a));
  return worst.level === 0 ? { level: 0, because: 'all is well' } : worst;
}

function step(share: number, ...thresholds: number[]): number {
  return thresholds.filter((threshold) => share >= threshold).length;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
