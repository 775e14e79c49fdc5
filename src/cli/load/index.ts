import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { judgeLoad } from '../../load/result/judge.ts';
import { findResult, keepResult, loadId } from '../../load/result/keep.ts';
import { runLoad } from '../../load/run.ts';
import { totalMs } from '../../load/stages.ts';
import { renderLoadHtml } from '../../report/load/render.ts';
import { gateLoad } from '../../safety/gates/load.ts';
import { watchStopFile } from '../../safety/stop-file.ts';
import { type Interruption, onInterrupt } from '../interrupt.ts';
import { type LoadFlags, readLoad } from './read.ts';
import { progressLine, resultLines } from './show.ts';

interface LoadOptions extends LoadFlags {
  readonly compare?: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
}

/** Of progress, over the whole load. */
const LINES = 40;

/** `faultline load`: 0 when every threshold is met, 1 when one is missed, 5 when that cannot be told. */
export async function load(options: LoadOptions): Promise<number> {
  const cwd = process.cwd();
  const clock = systemClock;
  const { spec, metrics, limits } = readLoad(options, cwd);
  const { traffic } = spec;
  const earlier =
    options.compare === undefined ? undefined : findResult(cwd, options.compare, traffic.profile);
  await gateLoad({
    load: spec,
    durationMs: totalMs(traffic.stages),
    ...(metrics ? { metricsUrl: metrics.url } : {}),
    limits,
    cwd,
    environment: process.env,
    clock,
    approvals: options.approvedBy ?? [],
  });

  const interrupt = onInterrupt();
  const halt = new AbortController();
  const endWatch = watchStopFile(
    resolve(cwd, limits.stopFile),
    (reason) => halt.abort({ text: reason }),
    clock,
  );
  const signal = AbortSignal.any([interrupt.signal, halt.signal]);
  const say = (text: string) => {
    if (!options.json) process.stdout.write(text);
  };
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
      ...(signal.aborted ? { ended: (signal.reason as Interruption).text } : {}),
    });
    const report = join(keepResult(cwd, result), 'report.html');
    writeFileSync(report, renderLoadHtml(result), { mode: 0o600 });
    say(ran.problem === undefined ? '' : `metrics: ${ran.problem}\n`);
    say(resultLines(result));
    const shown = relative(cwd, report) || report;
    if (options.json) process.stdout.write(`${JSON.stringify({ ...result, report: shown })}\n`);
    else say(`\nverdict: ${result.verdict}\nreport: ${shown}\n`);
    return result.exit;
  } finally {
    endWatch();
    interrupt.end();
  }
}
