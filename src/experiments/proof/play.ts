import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sleep, systemClock } from '../../core/clock.ts';
import type { Plan } from '../../core/plan.ts';
import { connectDataPlane } from '../../drivers/embedded/index.ts';
import { NOTHING, type Remainder, remainder, untilClean } from './clean.ts';
import { type ControlLine, layControlLine } from './control-line.ts';
import { type Controller, startController } from './controller.ts';
import { type Crash, type CrashFacts, factsOfCrash } from './crash.ts';
import { endRun } from './ending.ts';
import { overlapProblems } from './overlap.ts';
import type { Stage } from './stage.ts';
import { startTraffic } from './traffic.ts';

export interface PlayOptions {
  readonly stage: Stage;
  readonly crash: Crash;
  /** Steps to play, by default all of the plan. */
  readonly steps?: Plan['steps'];
  /** How late a busy machine may be, beyond the lease, before it counts against the case. */
  readonly slackMs: number;
  /** Options for node of the controllers; by default those of this process. */
  readonly execArgv?: readonly string[];
  /** Writes the reports of a run, given its folder, and answers the files. */
  readonly writeReports: (folder: string) => readonly string[];
}

/** How a crash went, seen from outside. */
export interface CrashOutcome {
  readonly crash: Crash;
  /** False when the run never came to the event. */
  readonly reached: boolean;
  /** From the crash to clean traffic through every proxy with no fault in force, ms; absent where the run plays on. */
  readonly cleanMs?: number;
  /** What was left then; nothing, as a rule. */
  readonly left: Remainder;
  readonly endedBy: 'itself' | 'recover' | 'nobody';
  readonly exit: number | undefined;
  /** What of it is not as it must be, in sentences; none when all is clean. */
  readonly problems: readonly string[];
}

/** A controller that has not ended by then never will. */
const LONGEST_RUN_MS = 60_000;

/** Plays a run into its crash and looks at what becomes of it. */
export async function playCrash(options: PlayOptions): Promise<CrashOutcome> {
  const { stage, crash } = options;
  const execArgv = options.execArgv ?? process.execArgv;
  const cwd = stage.folder();
  const line = crash.kind === 'control cut' ? await layControlLine(stage.plan, cwd, execArgv) : undefined;
  const plan: Plan = { ...stage.plan, ...line?.plan, steps: options.steps ?? stage.plan.steps };
  const order = { plan, limits: stage.limits, cwd, crash };
  const controller = startController(order, execArgv);
  const traffic = startTraffic(controller, plan);
  let second: Controller | undefined;
  try {
    const crashedAt = await controller.crashed;
    if (crashedAt === undefined) return await unreached(crash, controller);
    const facts = factsOfCrash(crash.kind);
    await facts.outside?.({
      halt: async () =>
        withDataPlane(controller, (driver) => driver.halt('played by a proof of the rollback')),
      writeStopFile: () => writeFileSync(resolve(cwd, stage.limits.stopFile), 'a proof of the rollback\n'),
      cutControl: () => line?.cut(),
      startSecondRun() {
        second = startController({ ...order, crash: { ...crash, kind: 'none' } }, execArgv);
      },
      killService: () => stage.killService(),
      killUpstream: () => stage.killUpstream(plan.proxies[0]!.name),
    });
    const clean = await cleanAfter(options, facts, controller, line, plan);
    const woken = crash.kind === 'controller frozen' ? await wake(controller, plan) : [];
    await second?.exited;
    const ended = await endRun({ ...options, controller, cwd });
    const cleanMs = facts.harmless ? undefined : clean.at - crashedAt;
    const problems = [
      ...remaining(clean.left),
      ...tooLate(options, cleanMs),
      ...woken,
      ...ended.problems,
      ...overlapProblems(cwd),
    ];
    return { crash, reached: true, cleanMs, left: clean.left, ...ended, problems };
  } finally {
    traffic.stop();
    for (const left of [controller, second]) left?.kill('SIGKILL');
    await line?.close();
  }
}

/** A run that plays on is looked at when it has ended. */
async function cleanAfter(
  { crash }: PlayOptions,
  { harmless }: CrashFacts,
  controller: Controller,
  line: ControlLine | undefined,
  plan: Plan,
): Promise<{ at: number; left: Remainder }> {
  if (harmless) await controller.exited;
  const dead = crash.kind === 'upstream killed' ? plan.proxies[0]!.name : undefined;
  const asked = { ...plan, proxies: plan.proxies.filter(({ name }) => name !== dead) };
  const seen = line ? { dataPlane: line.dataPlane, over: false } : controller;
  return untilClean(seen, asked, LONGEST_RUN_MS);
}

/** Wakes a frozen controller and looks, until it has ended, whether it brings back what its lease had ended. */
async function wake(controller: Controller, plan: Plan): Promise<readonly string[]> {
  const spent = controller.told.has('step-applied') && !controller.told.has('rollback-started');
  controller.kill('SIGCONT');
  let resumed = false;
  while (!controller.ended) {
    const { faults } = spent ? await remainder(controller, { ...plan, proxies: [] }) : NOTHING;
    resumed ||= faults > 0;
    await sleep(systemClock, 20);
  }
  return resumed ? ['the controller brought faults back when it woke up'] : [];
}

function tooLate({ stage, slackMs }: PlayOptions, cleanMs = 0): readonly string[] {
  const { leaseMs } = stage.limits.monitor;
  if (cleanMs <= leaseMs + slackMs) return [];
  return [`traffic was clean only ${Math.round(cleanMs)} ms after it, with a lease of ${leaseMs} ms`];
}

function remaining({ faults, held, broken }: Remainder): readonly string[] {
  return [
    ...(faults > 0 ? [`${faults} faults were still in force`] : []),
    ...(held > 0 ? [`${held} units were still held`] : []),
    ...broken.map((proxy) => `nothing came through proxy "${proxy}"`),
  ];
}

async function withDataPlane(
  { dataPlane }: Controller,
  act: (driver: ReturnType<typeof connectDataPlane>) => Promise<void>,
): Promise<void> {
  if (!dataPlane) return;
  const driver = connectDataPlane(dataPlane.control);
  try {
    await act(driver);
  } catch {
    // It had ended before.
  } finally {
    await driver.close();
  }
}

/** The run ended before the event: nothing is told about the crash, and what went wrong is told. */
async function unreached(crash: Crash, controller: Controller): Promise<CrashOutcome> {
  const exit = (await controller.exited) ?? undefined;
  return {
    crash,
    reached: false,
    left: NOTHING,
    endedBy: 'itself',
    exit,
    problems: exit === 0 ? [] : [`the run ended with exit code ${exit}: ${controller.complaint}`],
  };
}
