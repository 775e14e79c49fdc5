import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTool } from '../../src/sandbox/services/find-tool.ts';
import type { Bench } from '../contract.ts';

const run = promisify(execFile);

/** Runs a program to its end and answers what it wrote. */
export async function output(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await run(program, args, { env: { ...process.env, ...env }, maxBuffer: 2 ** 24 });
  return stdout;
}

/** Whether these programs are there; says which is not. */
export function hasAll(bench: Bench, ...programs: readonly string[]): boolean {
  const absent = programs.filter((program) => !findTool(program));
  for (const program of absent) bench.say(`  skipped: there is no ${program} in PATH`);
  return absent.length === 0;
}
