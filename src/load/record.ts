import { build, type Histogram } from 'hdr-histogram-js';
import type { LoadSummary, TrafficFigures, TrafficWindow } from '../core/journal.ts';
import type { LoadTraffic } from '../core/plan.ts';
import { percentile } from '../core/statistics.ts';
import { levelAt, stageAt, totalMs } from './stages.ts';

/** How a request ended. */
export interface Ended {
  readonly scenario: number;
  /** When it was to begin, and when it was over, ms after the beginning of the load. */
  readonly intended: number;
  readonly ended: number;
  readonly outcome: 'right' | 'wrong' | 'broken' | 'timedOut';
  /** Of the answer, where there was one. */
  readonly status?: number;
}

const WINDOWS_WANTED = 120;
const WINDOW_LENGTHS = [250, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000];
/** In an experiment the load may go on long after its last stage. */
const MOST_WINDOWS = 3600;

/** Length of the windows of a load of so many ms: about 120 of them, of a length that people read. */
function windowLength(ms: number): number {
  return WINDOW_LENGTHS.find((length) => length * WINDOWS_WANTED >= ms) ?? WINDOW_LENGTHS.at(-1)!;
}

/** Counts what traffic comes to: as a whole, by scenario, by stage and by window. */
export class Recorder {
  readonly #traffic: LoadTraffic;
  readonly #windowMs: number;
  readonly #total = new Figures();
  readonly #scenarios: readonly Figures[];
  readonly #stages: readonly Figures[];
  readonly #open = new Map<number, OpenWindow>();
  readonly #windows: TrafficWindow[] = [];
  #wrong = 0;
  #broken = 0;
  #timedOut = 0;
  #non2xx = 0;

  constructor(traffic: LoadTraffic) {
    this.#traffic = traffic;
    this.#windowMs = windowLength(totalMs(traffic.stages));
    this.#scenarios = traffic.scenarios.map(() => new Figures());
    this.#stages = traffic.stages.map(() => new Figures());
  }

  take(ended: Ended): void {
    const { stages } = this.#traffic;
    const ms = Math.max(0, ended.ended - ended.intended);
    // A refused connection is over at once, and no latency.
    const latency = ended.outcome === 'broken' ? undefined : ms;
    const failed = ended.outcome !== 'right';
    this.#total.take(failed, latency);
    this.#scenarios[ended.scenario]!.take(failed, latency);
    this.#stages[stageAt(stages, ended.intended)]!.take(failed, latency);
    this.#intoWindow(Math.floor(ended.intended / this.#windowMs), failed, latency);
    if (ended.outcome === 'wrong') this.#wrong++;
    if (ended.outcome === 'broken') this.#broken++;
    if (ended.outcome === 'timedOut') this.#timedOut++;
    if (ended.status !== undefined && (ended.status < 200 || ended.status > 299)) this.#non2xx++;
    this.#close(ended.ended - this.#traffic.timeoutMs);
  }

  /** @param now ms after the beginning @param underWay intended starts of what has no answer yet */
  summary(now: number, underWay: readonly number[] = []): LoadSummary {
    const { profile, scenarios, stages } = this.#traffic;
    const total = this.#total.figures(now);
    let begin = 0;
    const perStage = stages.map(({ name, durationMs }, index) => {
      const from = begin;
      begin += durationMs;
      const until = index === stages.length - 1 ? now : Math.min(now, begin);
      return [name, this.#stages[index]!.figures(Math.max(0, until - from))];
    });
    return {
      requests: total.requests,
      errors: this.#broken,
      timeouts: this.#timedOut,
      non2xx: this.#non2xx,
      p50: total.p50 ?? 0,
      p99: total.p99 ?? 0,
      traffic: {
        profile,
        durationMs: Math.round(now),
        total,
        scenarios: Object.fromEntries(
          scenarios.map(({ name }, index) => [name, this.#scenarios[index]!.figures(now)]),
        ),
        stages: Object.fromEntries(perStage),
        wrong: this.#wrong,
        underWay: {
          requests: underWay.length,
          oldestMs: Math.round(Math.max(0, ...underWay.map((intended) => now - intended))),
        },
        windowMs: this.#windowMs,
        windows: [...this.#windows, ...[...this.#open.values()].map((window) => this.#shown(window))].sort(
          (left, right) => left.at - right.at,
        ),
      },
    };
  }

  #intoWindow(index: number, failed: boolean, latency: number | undefined): void {
    if (index >= MOST_WINDOWS) return;
    let window = this.#open.get(index);
    if (!window) {
      window = { index, requests: 0, failed: 0, latencies: [] };
      this.#open.set(index, window);
    }
    window.requests++;
    if (failed) window.failed++;
    if (latency !== undefined) window.latencies.push(latency);
  }

  /** Windows that end before `ms` can get no more: every request that began in them has been answered or given up. */
  #close(ms: number): void {
    for (const [index, window] of this.#open) {
      if ((index + 1) * this.#windowMs >= ms) continue;
      this.#windows.push(this.#shown(window));
      this.#open.delete(index);
    }
  }

  #shown({ index, requests, failed, latencies }: OpenWindow): TrafficWindow {
    const sorted = latencies.toSorted((left, right) => left - right);
    const at = (share: number) => (sorted.length === 0 ? null : round(percentile(sorted, share)));
    return {
      at: index * this.#windowMs,
      level: round(levelAt(this.#traffic.stages, index * this.#windowMs)),
      requests,
      failed,
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
      max: at(1),
    };
  }
}

interface OpenWindow {
  readonly index: number;
  requests: number;
  failed: number;
  readonly latencies: number[];
}

class Figures {
  #requests = 0;
  #failed = 0;
  /** In µs, from 1 µs to an hour, to three digits. */
  readonly #latencies: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    autoResize: true,
  });

  take(failed: boolean, latency: number | undefined): void {
    this.#requests++;
    if (failed) this.#failed++;
    if (latency !== undefined) this.#latencies.recordValue(Math.max(1, Math.round(latency * 1000)));
  }

  figures(spanMs: number): TrafficFigures {
    const some = this.#latencies.totalCount > 0;
    const at = (share: number) =>
      some ? round(this.#latencies.getValueAtPercentile(share * 100) / 1000) : null;
    return {
      requests: this.#requests,
      failed: this.#failed,
      errorRate: this.#requests === 0 ? null : this.#failed / this.#requests,
      throughput: spanMs > 0 ? round(((this.#requests - this.#failed) * 1000) / spanMs) : 0,
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
      max: some ? round(this.#latencies.maxValue / 1000) : null,
    };
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
