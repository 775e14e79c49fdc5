import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import type { LoadResult } from '../../load/result/contract.ts';
import { judgeLoad } from '../../load/result/judge.ts';
import { keepResult, loadId } from '../../load/result/keep.ts';
import { runLoad } from '../../load/run.ts';
import { totalMs } from '../../load/stages.ts';
import { renderLoadHtml } from '../../report/load/render.ts';
import { gateLoad } from '../../safety/gates/load.ts';
import { watchStopFile } from '../../safety/stop-file.ts';
import type { AskedLoad } from './read.ts';
import { progressLine } from './show.ts';

/** Of progress, over the whole load. */
const LINES = 40;

interface PerformOptions {
  readonly asked: AskedLoad;
  readonly cwd: string;
  readonly approvals: readonly string[];
  /** Ends it early; its reason holds a `text`. */
  readonly signal: AbortSignal;
  readonly earlier?: LoadResult | undefined;
  say(text: string): void;
}

/**
 * Sends a load once it has passed the gates, and keeps what came of it with its report.
 * @throws FaultlineError LOAD_REFUSED, LOAD_UNREACHABLE before anything is sent
 */
export async function perform(
  options: PerformOptions,
): Promise<{ readonly result: LoadResult; readonly report: string }> {
  const { asked, cwd, approvals, earlier, say } = options;
  const { spec, metrics, limits } = asked;
  const { traffic } = spec;
  const clock = systemClock;
  await gateLoad({
    load: spec,
    durationMs: totalMs(traffic.stages),
    ...(metrics ? { metricsUrl: metrics.url } : {}),
    limits,
    cwd,
    environment: process.env,
    clock,
    approvals,
  });
  const halt = new AbortController();
  const endWatch = watchStopFile(
    resolve(cwd, limits.stopFile),
    (reason) => halt.abort({ text: reason }),
    clock,
  );
  const signal = AbortSignal.any([options.signal, halt.signal]);
  let nextLine = 0;
  try {
    const wall = clock.wall();
    const ran = await runLoad({
      spec,
      clock,
      environment: process.env,
      allowed: limits.env,
      ...(metrics ? { metrics } : {}),
      signal,
      onProgress: (seen) => {
        const at = seen.traffic!.durationMs;
        if (at < nextLine) return;
        nextLine = at + Math.max(1000, totalMs(traffic.stages) / LINES);
        say(progressLine(traffic, seen));
      },
    });
    const result = judgeLoad({
      id: loadId(traffic.profile, wall),
      startedAt: new Date(wall).toISOString(),
      spec,
      summary: ran.summary,
      samples: ran.samples,
      ...(metrics?.cores === undefined ? {} : { cores: metrics.cores }),
      ...(metrics?.memory === undefined ? {} : { memoryBytes: metrics.memory }),
      ...(earlier ? { earlier } : {}),
      ...(signal.aborted ? { ended: (signal.reason as { readonly text: string }).text } : {}),
    });
    const report = join(keepResult(cwd, result), 'report.html');
    writeFileSync(report, renderLoadHtml(result), { mode: 0o600 });
    say(ran.problem === undefined ? '' : `metrics: ${ran.problem}\n`);
    return { result, report };
  } finally {
    endWatch();
  }
}
