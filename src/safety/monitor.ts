import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import type { AbortRule, MonitorLimits } from '../core/limits.ts';
import type { ProbeSpec } from '../core/plan.ts';
import type { Sample } from '../core/ports.ts';
import { Cascade } from './cascade.ts';
import type { Baseline, HealthWatch, MonitorEvent, SafetyMonitor } from './contract.ts';
import { type Judge, judgesFor } from './judges/index.ts';
import { startRenewal } from './renewal.ts';

/** Between samples the monitor looks as often: how late a missing sample or the end of a rule's time may be noticed. */
const TICK_MS = 250;

export interface MonitorOptions {
  /** Started, with its baseline taken. */
  readonly watch: HealthWatch;
  readonly specs: readonly ProbeSpec[];
  readonly rules: readonly AbortRule[];
  readonly baseline: Baseline;
  readonly limits: MonitorLimits;
  /** Renews the lease of the faults in force. The only way by which a lease may be renewed while the monitor runs. */
  readonly renew: () => Promise<void>;
  /** How often to renew; default and at most a third of the lease. */
  readonly renewEveryMs?: number;
  readonly clock?: Clock;
  /** Judges beside the rules' own. */
  readonly judges?: readonly Judge[];
}

/**
 * Looks at a probe's window with each of its samples, and at all on each tick. Windows may reach back before the first
 * fault: so there is no time after it in which nothing could be judged.
 *
 * The lease is renewed only while every probe has a fresh sample and no rule is breached. If this process freezes or
 * dies, nothing is renewed, and the faults end with their lease.
 */
export function createMonitor(options: MonitorOptions): SafetyMonitor {
  const { watch, specs, baseline, limits, clock = systemClock } = options;
  const before = new Map(baseline.windows.map((window) => [window.probe, window]));
  const names = specs.map(({ name }) => name);
  const judges = [...judgesFor(options.rules, names), ...(options.judges ?? [])];
  const cascades = new Map(specs.map((spec) => [spec.name, new Cascade(spec, before.get(spec.name))]));
  const listeners = new Set<(event: MonitorEvent) => void>();
  let running = false;
  /** A breach, a missing probe or the loss of the data plane has been said. */
  let over = false;
  let stopTick = () => {};
  let stopSamples = () => {};
  let renewal: ReturnType<typeof startRenewal> | undefined;

  function emit(event: MonitorEvent): void {
    for (const listener of [...listeners]) if (running) listener(event);
  }

  function end(event: MonitorEvent): void {
    if (over) return;
    over = true;
    renewal?.stop();
    emit(event);
  }

  function look(probe: string, sample?: Sample): void {
    const at = clock.now();
    const window = watch.window(probe, at);
    for (const change of cascades.get(probe)!.look(window, at)) emit(change);
    for (const judge of judges) {
      if (over || judge.probe !== probe) continue;
      const breach = judge.judge({ at, sample, window, baseline: before.get(probe) });
      for (const figure of judge.news?.() ?? []) emit({ kind: 'evidence', ...figure });
      if (breach) end({ kind: 'breach', ...breach });
    }
  }

  function lookAtAll(): void {
    for (const name of names) if (running) look(name);
    const [missing] = over ? [] : watch.missing();
    if (missing) end({ kind: 'missing', ...missing });
  }

  function tick(): void {
    stopTick = clock.after(TICK_MS, tick);
    lookAtAll();
  }

  return {
    start() {
      running = true;
      for (const { probe, basis } of judges) if (basis) emit({ kind: 'judging', probe, tests: basis() });
      stopSamples = watch.onSample((sample) => look(sample.probe, sample));
      stopTick = clock.after(TICK_MS, tick);
      renewal = startRenewal({
        clock,
        leaseMs: limits.leaseMs,
        everyMs: Math.min(options.renewEveryMs ?? Number.POSITIVE_INFINITY, limits.leaseMs / 3),
        allowed() {
          lookAtAll();
          return running && !over;
        },
        renew: options.renew,
        onLoss: (reason, code) => end({ kind: 'monitor-loss', reason, ...(code && { code }) }),
      });
    },
    stop() {
      running = false;
      stopTick();
      stopSamples();
      renewal?.stop();
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
