import { resolve } from 'node:path';
import { sleep } from '../../core/clock.ts';
import type { ProbeWindow } from '../../core/journal.ts';
import { reasonOf } from '../../core/reason.ts';
import type { Baseline, HealthWatch } from '../../safety/contract.ts';
import { writeStopFile } from '../../safety/stop-file.ts';
import { measureRecovery } from '../recovery.ts';
import { createInjection, type Injection, inject, takeBack, watchPlane } from './inject.ts';
import { startLoads } from './loads.ts';
import type { HeldPlane } from './plane.ts';
import { prepare, Refusal } from './prepare.ts';
import type { Run } from './run-context.ts';

/**
 *   prepare ─▶ load ─▶ baseline ─▶ steps ─▶ rollback ─▶ recovery ─▶ load and data plane stop
 *      └───────────────────┴─ refused ──────────────────────────────────▲
 *
 * Never rejects. Whatever goes wrong once faults may be in force leads to the rollback.
 */
export async function perform(run: Run): Promise<void> {
  let plane: HeldPlane | undefined;
  const ends: (() => void | Promise<void>)[] = [];
  let leavePlace = () => {};
  try {
    const { limits, latch, clock, cwd, ports } = run;
    const stop = (reason: string, by?: string) => latch.request('stop-file', reason, by);
    const seen = await prepare(
      run,
      (opened) => {
        plane = opened;
      },
      (release) => {
        leavePlace = release;
      },
    );
    ends.push(ports.stopFile(resolve(cwd, limits.stopFile), stop, clock));
    plane = await experiment(run, plane!, seen, ends);
  } catch (error) {
    if (error instanceof Refusal) {
      run.record({ type: 'gate-refused', gate: error.gate, reason: error.message });
    } else {
      run.record({ type: 'note', text: `something unexpected went wrong: ${reasonOf(error)}` });
    }
  }
  for (const end of ends.reverse()) await attempt(run, 'ending the run', async () => end());
  if (plane) await letGo(run, plane);
  // Last: the next run must not find a data plane that is about to stop.
  await attempt(run, 'leaving its place', async () => leavePlace());
}

async function experiment(
  run: Run,
  plane: HeldPlane,
  seen: number,
  ends: (() => void | Promise<void>)[],
): Promise<HeldPlane> {
  const { plan, limits, clock, latch, ports } = run;
  const injection = createInjection(run, plane, seen);
  if (latch.signal.aborted) return finish(injection);
  const loads = await refuseUnlessMade('load', () => startLoads(run));
  ends.push(() => loads.stop());
  const watch = await refuseUnlessMade('probes', () => ports.watch(plan, limits, clock));
  ends.push(() => watch.stop());
  ends.push(watchPlane(injection));
  watch.onSample((sample) =>
    run.record({ type: 'sample', sample: { ...sample, mono: relative(run, sample.mono) } }),
  );

  const baseline = await measureBaseline(run, watch);
  if (baseline && !baseline.healthy) return plane;
  try {
    if (baseline) await inject(injection, watch, baseline, loads);
  } catch (error) {
    latch.request('error', `something unexpected went wrong: ${reasonOf(error)}`);
  }
  return finish(injection, watch);
}

/** Undefined when the run was stopped before the baseline was measured. */
async function measureBaseline(run: Run, watch: HealthWatch): Promise<Baseline | undefined> {
  const { plan, clock, latch } = run;
  run.record({ type: 'baseline-started' });
  const since = clock.now();
  watch.start();
  await sleep(clock, plan.baselineMs, latch.signal);
  if (latch.signal.aborted) return undefined;
  const baseline = watch.takeBaseline(since);
  const { windows, healthy, reason } = baseline;
  run.record({
    type: 'baseline',
    windows: relativeWindows(run, windows),
    healthy,
    ...(reason === undefined ? {} : { reason }),
  });
  return baseline;
}

async function finish(injection: Injection, watch?: HealthWatch): Promise<HeldPlane> {
  const { run, plane, progress, session } = injection;
  const { plan, clock, latch, signal } = run;
  if (progress.refused !== undefined) throw new Refusal('faults accepted', progress.refused);
  const { plane: now, at: since } = await takeBack(injection);
  // Who pressed Ctrl-C is not kept waiting; without a fault there is nothing to recover from.
  if (watch && session.asked > 0 && latch.reason?.cause !== 'signal') {
    const { probes, recoveryMs: withinMs } = plan;
    const recovery = await measureRecovery({ watch, probes, clock, since, withinMs, signal });
    if (recovery) {
      run.record({ type: 'recovery', ...recovery, windows: relativeWindows(run, recovery.windows) });
    }
  }
  if (now !== plane) await plane.release?.();
  return now;
}

async function letGo(run: Run, plane: HeldPlane): Promise<void> {
  if (!run.keepProxy && plane.stop) {
    await attempt(run, 'keeping the halt', () => keepHalt(run, plane));
    await attempt(run, 'stopping the data plane', plane.stop);
  }
  await attempt(run, 'letting go of the data plane', async () => plane.release?.());
}

/** A halt would end with the data plane that was told of it: the stop file goes on refusing runs. */
async function keepHalt({ cwd, limits, latch }: Run, { driver }: HeldPlane): Promise<void> {
  if (latch.reason?.cause !== 'halt') return;
  const { halted } = await driver.state();
  if (halted) writeStopFile(resolve(cwd, limits.stopFile), halted);
}

/** What fails after the rollback is told and holds nothing up. */
async function attempt(run: Run, what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    run.record({ type: 'note', text: `${what} failed: ${reasonOf(error)}` });
  }
}

async function refuseUnlessMade<T>(gate: string, make: () => T): Promise<T> {
  try {
    return make();
  } catch (error) {
    throw new Refusal(gate, reasonOf(error));
  }
}

/** A journal counts all its times from the start of the run. */
function relative({ journal }: Run, at: number): number {
  return Math.round((at - journal.began) * 1000) / 1000;
}

function relativeWindows(run: Run, windows: readonly ProbeWindow[]): readonly ProbeWindow[] {
  return windows.map((window) =>
    window.from === undefined ? window : { ...window, from: relative(run, window.from) },
  );
}
