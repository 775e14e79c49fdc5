import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inLanes } from '../../src/core/lanes.ts';
import { EXIT } from '../../src/core/verdict.ts';
import { finished, startScript } from '../support/processes.ts';
import { type Case, nameOf, type Outcome } from './case.ts';
import { outcomeOf } from './outcome.ts';

/** A case and what it came to, or why it could not be played. */
export type Played = { readonly case: Case } & ({ readonly outcome: Outcome } | { readonly failure: string });

/** File in the folder of a case that was played to its end: the folder of its run. */
export const PLAYED = 'played';

const ATTEMPTS = 3;

/**
 * Plays a case in a process of its own: two that are measured at a time must not wait for each other. A run that was
 * refused because nothing was well before it, as on a machine that has no time, is played again.
 */
export async function playApart(played: Case, folder: string): Promise<Played> {
  for (let attempt = 1; ; attempt++) {
    const result = await playOnce(played, folder);
    if (attempt === ATTEMPTS || 'outcome' in result) return result;
  }
}

async function playOnce(played: Case, folder: string): Promise<Played> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const child = startScript('test/matrix/case-main.ts', [JSON.stringify(played), folder]);
  const { code, signal, stderr } = await finished(child);
  if (code === 0 && existsSync(join(folder, PLAYED))) return again(played, folder);
  return { case: played, failure: `${signal ?? `exit ${code}`}: ${stderr.trim().slice(-2000)}` };
}

function again(played: Case, folder: string): Played {
  const outcome = outcomeOf(readFileSync(join(folder, PLAYED), 'utf8'));
  return outcome.exit === EXIT.refused
    ? { case: played, failure: outcome.sentence }
    : { case: played, outcome };
}

export interface PlayAllOptions {
  readonly lanes: number;
  /** Each case has a folder below it. */
  readonly folder: string;
  /** Cases that were played before are not played again; their journals are asked anew. */
  readonly resume: boolean;
  /** Nothing is played; cases that were not played before are left out. */
  readonly judge: boolean;
  onPlayed(played: Played): void;
}

/** Plays all of them, `lanes` at a time; answers in the order of the cases. */
export async function playAll(
  cases: readonly Case[],
  { lanes, folder, resume, judge, onPlayed }: PlayAllOptions,
): Promise<readonly Played[]> {
  const played = await inLanes(cases, lanes, async (one) => {
    const home = resolve(folder, nameOf(one).replace(/[ ,]+/g, '_'));
    const before = judge || resume ? playedBefore(one, home) : undefined;
    const result = before ?? (judge ? undefined : await playApart(one, home));
    if (result) onPlayed(result);
    return result;
  });
  return played.filter((one) => one !== undefined);
}

function playedBefore(played: Case, folder: string): Played | undefined {
  const before = existsSync(join(folder, PLAYED)) ? again(played, folder) : undefined;
  return before && 'outcome' in before ? before : undefined;
}

/** What a case came to in a line. */
export function lineOf(played: Played): string {
  const name = nameOf(played.case);
  if ('failure' in played) return `${name}: NOT PLAYED: ${played.failure}`;
  const { lessons, sentence } = played.outcome;
  const bad = lessons.filter(({ severity }) => severity !== 'good').map(({ id }) => id);
  return `${name}: ${bad.join(', ') || 'no lesson'}; ${sentence}`;
}
