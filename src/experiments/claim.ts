import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import type { Owner } from '../core/journal.ts';

/** Who holds a claim, and for which run. */
export interface Claimant extends Owner {
  readonly run?: string;
}

export type Claim = { readonly release: () => void } | { readonly holder: Claimant | undefined };

/**
 * Takes a claim by a file that only one process can make. A claim whose holder died is taken over, by one of those that find
 * it dead. The file comes into being with its content, so that nobody reads half of a name.
 * @returns how to let go of it, or who holds it (undefined where that cannot be read)
 */
export function takeClaim(file: string, claimant: Claimant, isGone: (owner: Owner) => boolean): Claim {
  const mine = `${file}.${process.pid}.new`;
  writeFileSync(mine, JSON.stringify(claimant), { mode: 0o600 });
  try {
    if (link(mine, file)) return { release: () => rmSync(file, { force: true }) };
    const found = read(file);
    if (found === undefined || !isGone(found.claimant)) return { holder: found?.claimant };
    if (removeDead(file, found.text) && link(mine, file))
      return { release: () => rmSync(file, { force: true }) };
    return { holder: read(file)?.claimant };
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Of several that find a claim dead one moves it away; who has moved a younger one instead puts it back. */
function removeDead(file: string, dead: string): boolean {
  const moved = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, moved);
  } catch {
    return false;
  }
  const same = readFileSync(moved, 'utf8') === dead;
  if (!same) link(moved, file);
  unlinkSync(moved);
  return same;
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): { readonly text: string; readonly claimant: Claimant } | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    return { text, claimant: JSON.parse(text) as Claimant };
  } catch {
    return undefined;
  }
}
