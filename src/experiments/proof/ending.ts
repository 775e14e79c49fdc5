import { join } from 'node:path';
import { sleep, systemClock } from '../../core/clock.ts';
import { EXIT } from '../../core/verdict.ts';
import { adoptDataPlane } from '../../drivers/embedded/index.ts';
import { firstOf, lastOf, readJournal, runsFolder } from '../journal/index.ts';
import { recoverAbandoned } from '../recover.ts';
import type { Controller } from './controller.ts';
import { type Crash, factsOfCrash } from './crash.ts';
import type { CrashOutcome, PlayOptions } from './play.ts';

type Ending = Pick<CrashOutcome, 'endedBy' | 'exit' | 'problems'>;

/** Waits for the end of a run, ends it by recovery where its process has died, and looks whether its record is whole. */
export async function endRun({
  controller,
  cwd,
  crash,
  stage,
  slackMs,
  writeReports,
}: PlayOptions & { readonly controller: Controller; readonly cwd: string }): Promise<Ending> {
  const exit = await controller.exited;
  const runs = runsFolder(cwd);
  const folder = join(runs, controller.run!);
  const before = readJournal(folder);
  const endedItself = firstOf(before, 'run-ended') !== undefined;
  const late = stage.limits.monitor.leaseMs + slackMs;
  const recovered = endedItself ? [] : await recoverWithin(runs, late);
  const events = readJournal(folder);
  const end = lastOf(events, 'run-ended');
  const problems = [
    ...(endedItself
      ? exitProblems(crash, exit, end?.sentence ?? controller.complaint)
      : recoveryProblems(events, recovered)),
    ...(end ? reportProblems(writeReports(folder)) : []),
    ...proofProblems(events, crash),
    ...((await adoptDataPlane(folder)) ? ['its data plane was left running'] : []),
    ...((await recoverAbandoned({ runsFolder: runs })).recovered.length > 0
      ? ['a second recovery found something to do']
      : []),
  ];
  return {
    endedBy: endedItself ? 'itself' : end ? 'recover' : 'nobody',
    exit: end?.exit,
    problems,
  };
}

/** The lease of a dead run is waited for: until it is over, the run counts as alive. */
async function recoverWithin(runs: string, withinMs: number): Promise<readonly string[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { recovered } = await recoverAbandoned({ runsFolder: runs });
    if (recovered.length > 0 || performance.now() > deadline) return recovered.map(({ run }) => run);
    await sleep(systemClock, 50);
  }
}

type Events = ReturnType<typeof readJournal>;

function exitProblems(crash: Crash, exit: number | null, last: string): readonly string[] {
  const { exits, deadly } = factsOfCrash(crash.kind);
  // Who is killed with the last line written has nothing more to say.
  if (exit !== null && exits.includes(exit)) return [];
  if (exit === null && deadly) return [];
  return [`the run ended with exit code ${exit}: ${last}`];
}

function recoveryProblems(events: Events, recovered: readonly string[]): readonly string[] {
  const end = lastOf(events, 'run-ended');
  if (!end) return [`the run was not ended: ${recovered.length} were recovered`];
  const problems = [];
  if (end.interrupted !== true || end.verdict !== 'inconclusive')
    problems.push(`the interrupted run was called ${end.verdict}`);
  const rollback = events.findLastIndex(({ type }) => type === 'rollback-started');
  if (events.slice(rollback).some(({ type }) => type === 'step-applied'))
    problems.push('recovery went on with the run');
  return problems;
}

/** Every run that asked for a fault says how it was taken back. */
function proofProblems(events: Events, crash: Crash): readonly string[] {
  // A set that the data plane refused never came into force.
  const refused = lastOf(events, 'run-ended')?.exit === EXIT.refused;
  const asked = !refused && firstOf(events, 'step-intended') !== undefined;
  const proof = lastOf(events, 'rollback-proof')?.proof;
  const written = crash.kind !== 'disk full';
  if (!proof) return asked && written ? ['there is no proof of a rollback'] : [];
  if (proof.proven || crash.kind === 'control cut') return [];
  return [`the rollback was not proven: ${proof.reason}`];
}

function reportProblems(files: readonly string[]): readonly string[] {
  return files.length === 0 ? ['no report was written'] : [];
}
