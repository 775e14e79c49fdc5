import type { TimedEvent } from './clock.ts';

/** A probe that left its baseline while faults were in force. */
export interface Departure {
  readonly probe: string;
  /** When the first of its expectations was missed. */
  readonly at: number;
  readonly expectation: string;
  readonly value: number | null;
  readonly baseline: number | null;
  /** All that it missed, in order. */
  readonly missed: readonly { readonly expectation: string; readonly at: number }[];
  /** Spans outside the baseline; `to` is null where the journal does not say that it came back. */
  readonly spans: readonly { readonly from: number; readonly to: number | null }[];
}

/** In the order in which the probes left. */
export function departuresOf(events: readonly TimedEvent[]): readonly Departure[] {
  const byProbe = new Map<string, Mutable>();
  for (const event of events) {
    if (event.type === 'left-baseline') {
      const known = byProbe.get(event.probe) ?? {
        probe: event.probe,
        at: event.at,
        expectation: event.expectation,
        value: event.value,
        baseline: event.baseline,
        missed: [],
        spans: [],
        open: new Set<string>(),
      };
      byProbe.set(event.probe, known);
      if (!known.missed.some((other) => other.expectation === event.expectation))
        known.missed.push({ expectation: event.expectation, at: event.at });
      if (known.open.size === 0) known.spans.push({ from: event.at, to: null });
      known.open.add(event.expectation);
    }
    if (event.type === 'returned') {
      const known = byProbe.get(event.probe);
      known?.open.delete(event.expectation);
      const span = known?.spans.at(-1);
      if (known?.open.size === 0 && span && span.to === null) span.to = event.at;
    }
  }
  return [...byProbe.values()].map(({ open: _, ...departure }) => departure).sort((a, b) => a.at - b.at);
}

interface Mutable extends Departure {
  readonly missed: { readonly expectation: string; readonly at: number }[];
  readonly spans: { readonly from: number; to: number | null }[];
  readonly open: Set<string>;
}
