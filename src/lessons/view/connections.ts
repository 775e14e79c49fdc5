import { type TrafficTick, ticksIn } from './traffic.ts';
import type { FaultSpan, ProxyView, RunView } from './view.ts';

/** Connections of a proxy that stood at their highest number for a while. */
export interface Plateau extends FaultSpan {
  readonly level: number;
  /** Most that were open before the first fault. */
  readonly usual: number;
}

/** Protocols whose connections clients lend from a pool. */
const POOLED: ReadonlySet<string | undefined> = new Set(['postgres', 'redis', 'tcp']);
const LEAST_MS = 5000;

export function isPooled({ protocol }: ProxyView): boolean {
  return POOLED.has(protocol);
}

/** Most connections that were open before the first fault; NaN where that was not seen. */
export function usualOpen(view: RunView, { ticks }: ProxyView): number {
  const before = ticksIn(ticks, Number.NEGATIVE_INFINITY, view.firstFaultAt ?? Number.POSITIVE_INFINITY);
  return before.length === 0 ? Number.NaN : Math.max(...before.map(({ open }) => open));
}

/** The longest time under the faults in which connections stood still at the most there ever were, above the usual. */
export function plateauOf(view: RunView, proxy: ProxyView): Plateau | undefined {
  const usual = usualOpen(view, proxy);
  if (!view.faulted || Number.isNaN(usual)) return undefined;
  const ticks = ticksIn(proxy.ticks, view.faulted.from, view.faulted.to);
  const level = Math.max(0, ...ticks.map(({ open }) => open));
  if (level <= usual) return undefined;
  const run = longestRun(ticks, ({ open }) => open >= level);
  return run && run.to - run.from >= LEAST_MS ? { ...run, level, usual } : undefined;
}

/** The longest time in which every connection had a statement under way, where the proxy tells of those. */
export function allBusy(
  view: RunView,
  proxy: ProxyView,
): (FaultSpan & { readonly open: number }) | undefined {
  if (!view.faulted) return undefined;
  const busy = ({ open, clients }: TrafficTick) =>
    clients !== undefined && open >= 2 && clients.open >= open * 0.9;
  const before = ticksIn(proxy.ticks, Number.NEGATIVE_INFINITY, view.faulted.from);
  if (before.filter(busy).length > before.length * 0.2) return undefined;
  const ticks = ticksIn(proxy.ticks, view.faulted.from, view.faulted.to);
  const run = longestRun(ticks, busy);
  if (!run || run.to - run.from < LEAST_MS) return undefined;
  return { ...run, open: Math.max(...ticksIn(ticks, run.from, run.to).map(({ open }) => open)) };
}

function longestRun(
  ticks: readonly TrafficTick[],
  within: (tick: TrafficTick) => boolean,
): FaultSpan | undefined {
  let longest: FaultSpan | undefined;
  let current: { from: number; to: number } | undefined;
  for (const tick of ticks) {
    if (!within(tick)) {
      current = undefined;
      continue;
    }
    current = current ? { from: current.from, to: tick.to } : { from: tick.from, to: tick.to };
    if (!longest || current.to - current.from > longest.to - longest.from) longest = current;
  }
  return longest;
}
