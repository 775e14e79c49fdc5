import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inLanes } from '../../src/core/lanes.ts';
import { finished, startScript } from '../support/processes.ts';
import { type Case, nameOf, type Outcome } from './case.ts';

/** A case and what it came to, or why it could not be played. */
export type Played = { readonly case: Case } & ({ readonly outcome: Outcome } | { readonly failure: string });

/** Plays a case in a process of its own: two that are measured at a time must not wait for each other. */
export async function playApart(played: Case, folder: string): Promise<Played> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const child = startScript('test/matrix/case-main.ts', [JSON.stringify(played), folder]);
  const { code, signal, stderr } = await finished(child);
  if (code !== 0)
    return { case: played, failure: `${signal ?? `exit ${code}`}: ${stderr.trim().slice(-2000)}` };
  const outcome = JSON.parse(readFileSync(join(folder, 'outcome.json'), 'utf8')) as Outcome;
  return { case: played, outcome };
}

/** Plays all of them, `lanes` at a time, each in a folder below `folder`; answers in the order of the cases. */
export function playAll(
  cases: readonly Case[],
  { lanes, folder, onPlayed }: { lanes: number; folder: string; onPlayed(played: Played): void },
): Promise<readonly Played[]> {
  return inLanes(cases, lanes, async (one) => {
    const played = await playApart(one, join(folder, nameOf(one).replace(/[ ,]+/g, '_')));
    onPlayed(played);
    return played;
  });
}

/** What a case came to in a line. */
export function lineOf(played: Played): string {
  const name = nameOf(played.case);
  if ('failure' in played) return `${name}: NOT PLAYED: ${played.failure}`;
  const { verdict, lessons, sentence } = played.outcome;
  return `${name}: ${verdict}; ${lessons.map(({ id }) => id).join(', ') || 'no lesson'}; ${sentence}`;
}
