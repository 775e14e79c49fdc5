import compile from '../support/compile.ts';
import type { Case } from './case.ts';
import { lineOf, type Played, playAll } from './play-all.ts';

/**
 * What each matrix can be told, for `parseArgs`:
 *   --lanes N       how many at a time (default 2)
 *   --resume        what was played before is not played again, and its journal is asked anew
 *   --judge         plays nothing: judges what was played before
 */
export const FLAGS = {
  lanes: { type: 'string', default: '2' },
  resume: { type: 'boolean', default: false },
  judge: { type: 'boolean', default: false },
} as const;

export interface Flags {
  readonly lanes: string;
  readonly resume: boolean;
  readonly judge: boolean;
  /** Where runs are kept. */
  readonly folder: string;
}

/** Plays the cases as the flags say, and tells of each in a line. */
export function playMatrix(
  cases: readonly Case[],
  { lanes, resume, judge, folder }: Flags,
): Promise<readonly Played[]> {
  if (!judge) compile();
  let done = 0;
  return playAll(cases, {
    lanes: Number(lanes),
    folder,
    resume,
    judge,
    onPlayed: (one) => process.stdout.write(`${++done}/${cases.length} ${lineOf(one)}\n`),
  });
}
