import { reasonOf } from '../../core/reason.ts';
import { EXIT } from '../../core/verdict.ts';

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What `act` answers; where it throws, undefined, and why is one more of the problems. */
export function attempt<T>(problems: string[], what: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    problems.push(`${what}: ${reasonOf(error)}`);
    return undefined;
  }
}

/** Says each problem. @returns the exit code: 0 where there is none */
export function conclude(problems: readonly string[], word: string): number {
  for (const problem of problems) process.stderr.write(`${word}: ${problem}\n`);
  return problems.length === 0 ? 0 : EXIT.rollbackNotProven;
}
