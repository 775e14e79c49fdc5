import type { ClientBehaviour } from '../../core/observation.ts';
import { type Outage, outagesOf } from './outages.ts';
import { asksFaulted, beforeFault, withheld } from './spans.ts';
import { ticksIn } from './traffic.ts';
import type { FaultSpan, ProxyView, RunView } from './view.ts';
import { type Waits, waitsOf } from './waits.ts';
import { between, MIN_SAMPLES, measure } from './window.ts';

/** What the clients of a proxy with faults did in one step. */
export interface StepBehaviour {
  readonly proxy: string;
  /** From 1. */
  readonly step: number;
  readonly stepName: string;
  readonly seconds: number;
  /** Requests, statements or commands. */
  readonly calls: number;
  /** Calls that failed, and those of them that the same call followed. */
  readonly failed: number;
  readonly followed: number;
  /** Null where none failed. */
  readonly retriesPerFailure: number | null;
  /** Pauses after a first failure, a second, and all later ones; null for none. */
  readonly backoff: readonly [first: Waits | null, second: Waits | null, later: Waits | null];
  /** Most times that one call was made in a row. */
  readonly longestChain: number;
  readonly retryAfter: ClientBehaviour['retryAfter'];
  readonly abandoned: { readonly count: number; readonly age: Waits | null };
  readonly truncated: ClientBehaviour['truncated'];
  /** Age of the oldest call under way at any moment, and at the end of the step, ms. */
  readonly oldestMs: number;
  readonly oldestAtEndMs: number;
  /** Most of the same call under way at one moment. */
  readonly duplicates: number;
  /** Users that went on being served while most calls failed, and how long they waited for it. Empty where few failed. */
  readonly fallback: readonly FallbackDelay[];
}

export interface FallbackDelay {
  readonly probe: string;
  /** Median of good answers before the first fault and in this step, ms. */
  readonly usualMs: number;
  readonly ms: number;
}

/** Step by step, for each proxy that had a fault in it and shows its clients; journals without them give none. */
export function behaviourOf(view: RunView): readonly StepBehaviour[] {
  return outagesOf(view).flatMap((outage) => {
    const seen = behaviourIn(outage.proxy, outage.span);
    if (!seen) return [];
    const { proxy, step, traffic } = outage;
    return [
      {
        proxy: proxy.name,
        step: step.number,
        stepName: step.name,
        seconds: traffic.seconds,
        calls: traffic.units,
        ...seen,
        fallback: fallbackOf(view, outage),
      },
    ];
  });
}

export type Behaviour = Omit<StepBehaviour, 'proxy' | 'step' | 'stepName' | 'seconds' | 'calls' | 'fallback'>;

/** Of one proxy in one step, which an epoch began with. */
export function behaviourIn(proxy: ProxyView, span: FaultSpan): Behaviour | undefined {
  const ticks = ticksIn(proxy.ticks, span.from, span.to);
  const seen = ticks.flatMap(({ clients }) => (clients ? [clients] : []));
  const last = seen.at(-1);
  if (!last) return undefined;
  const [first, second, later] = last.backoff;
  return {
    failed: last.failed,
    followed: last.followed,
    retriesPerFailure: last.failed > 0 ? last.followed / last.failed : null,
    backoff: [waitsOf(first), waitsOf(second), waitsOf(later)],
    longestChain: last.longestChain,
    retryAfter: last.retryAfter,
    abandoned: { count: last.abandoned.count, age: waitsOf(last.abandoned.age) },
    truncated: last.truncated,
    oldestMs: Math.max(...seen.map(({ oldestMs }) => oldestMs)),
    oldestAtEndMs: last.oldestMs,
    duplicates: last.duplicates,
  };
}

function fallbackOf(view: RunView, outage: Outage): readonly FallbackDelay[] {
  if (outage.failing === 'partly' && !(outage.errorShare >= 0.5)) return [];
  return view.probes.flatMap((probe) => {
    if (probe.spec?.kind !== 'http' || asksFaulted(view, probe)) return [];
    const samples = between(probe.samples, outage.span.from, outage.span.to);
    const served = samples.filter(({ ok }) => ok);
    if (samples.length < MIN_SAMPLES / 2 || withheld(probe, samples).length > samples.length * 0.2) return [];
    const usual = beforeFault(view, probe).filter(({ ok }) => ok);
    return [{ probe: probe.name, usualMs: measure(usual, 'p50'), ms: measure(served, 'p50') }];
  });
}
