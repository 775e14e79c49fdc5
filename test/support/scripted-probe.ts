import { type Expectation, parseExpectation, parseRelativeExpectation } from '../../src/core/expectation.ts';
import type { ProbeSpec } from '../../src/core/plan.ts';
import type { Probe, Sample } from '../../src/core/ports.ts';
import type { FakeClock } from './fake-clock.ts';

/** What a scripted probe answers: after `ms`, or never where that is infinite. */
export type Scripted = Partial<Pick<Sample, 'ms' | 'ok' | 'status' | 'value' | 'reason'>>;

export interface ScriptedProbe extends Probe {
  /** From now on each measurement answers so. */
  answer(scripted: Scripted | ((number: number) => Scripted)): void;
  /** How many measurements began. */
  readonly began: number;
  /** How many are under way, and how many were at most. */
  readonly running: number;
  readonly mostRunning: number;
  readonly closed: boolean;
}

export function scriptedProbe(name: string, clock: FakeClock): ScriptedProbe {
  let script: (number: number) => Scripted = () => ({});
  let began = 0;
  let running = 0;
  let mostRunning = 0;
  let closed = false;
  return {
    name,
    answer(scripted) {
      script = typeof scripted === 'function' ? scripted : () => scripted;
    },
    get began() {
      return began;
    },
    get running() {
      return running;
    },
    get mostRunning() {
      return mostRunning;
    },
    get closed() {
      return closed;
    },
    measure(signal) {
      const { ms = 10, ok = true, ...rest } = script(began++);
      running++;
      mostRunning = Math.max(mostRunning, running);
      return new Promise((resolve) => {
        let over = false;
        const end = () => {
          if (!over) running--;
          over = true;
          cancel();
          resolve({ ms, ok, ...rest });
        };
        const cancel = Number.isFinite(ms) ? clock.after(ms, end) : () => {};
        signal.addEventListener('abort', end);
      });
    },
    async close() {
      closed = true;
    },
  };
}

/** `{ p95: '< 300ms', vsBaseline: 'p95 < 2x' }` as a spec has it. */
function expectations(given: Readonly<Record<string, string | number>>): readonly Expectation[] {
  return Object.entries(given).map(([measure, source]) =>
    measure === 'vsBaseline'
      ? parseRelativeExpectation(String(source))
      : parseExpectation(measure as Expectation['measure'], source),
  );
}

/** A probe as an experiment declares it, every 250 ms with a time-out of 2 s unless said otherwise. */
export function probeSpec(
  name: string,
  expect: Readonly<Record<string, string | number>> = {},
  rest: Partial<Pick<ProbeSpec, 'everyMs' | 'timeoutMs' | 'windowMs'>> = {},
): ProbeSpec {
  return {
    name,
    everyMs: 250,
    timeoutMs: 2000,
    windowMs: 10_000,
    ...rest,
    expect: expectations(expect),
    kind: 'http',
    url: 'http://127.0.0.1:9/',
    method: 'GET',
    headers: {},
  };
}
