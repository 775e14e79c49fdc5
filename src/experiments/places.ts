import { join } from 'node:path';
import type { Owner } from '../core/journal.ts';
import { takeClaim } from './claim.ts';

export interface PlaceOptions {
  /** Folder of all runs. */
  readonly runs: string;
  readonly run: string;
  readonly owner: Owner;
  /** How many runs may be under way at once. */
  readonly places: number;
  readonly isGone: (owner: Owner) => boolean;
}

export type Place = { readonly release: () => void } | { readonly heldBy: readonly string[] };

/**
 * Takes one of the places for runs in a working folder: of runs that begin in the same instant exactly as many get one as
 * there are. A place whose process died is free.
 */
export function takePlace({ runs, run, owner, places, isGone }: PlaceOptions): Place {
  const heldBy: string[] = [];
  for (let number = 1; number <= places; number++) {
    const claim = takeClaim(join(runs, `.place-${number}.json`), { ...owner, run }, isGone);
    if ('release' in claim) return claim;
    heldBy.push(claim.holder?.run ?? `of process ${claim.holder?.pid ?? 'unknown'}`);
  }
  return { heldBy };
}
