import { loadPlan } from '../../src/experiments/load.ts';
import { runExperiment } from '../../src/experiments/run.ts';

/** Runs an experiment and prints its journal, in a process that a test can kill. */
const [file, cwd] = process.argv.slice(2) as [string, string];
const { plan, limits } = loadPlan({ file, cwd });
await runExperiment({
  plan,
  limits,
  cwd,
  environment: process.env,
  signal: new AbortController().signal,
  ephemeral: true,
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
