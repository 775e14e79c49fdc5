import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FaultlineError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason.ts';
import { type LoadResult, RESULT_VERSION } from './contract.ts';
import { figuresCsv, windowsCsv } from './csv.ts';

const RESULT_FILE = 'result.json';

/** Where results of loads live below a working folder. */
function loadsFolder(cwd: string): string {
  return resolve(cwd, '.faultline', 'loads');
}

/** `20261121-093000-peak-hours-ab12`: sorts by its start (UTC), and tells its profile. */
export function loadId(profile: string, wall: number, suffix = randomBytes(2).toString('hex')): string {
  const [day, time] = new Date(wall).toISOString().split('T') as [string, string];
  return `${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${profile}-${suffix}`;
}

/** Writes `result.json`, `windows.csv` and `figures.csv`, readable by their owner only. @returns the folder */
export function keepResult(cwd: string, result: LoadResult): string {
  const folder = join(loadsFolder(cwd), result.id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of [
    [RESULT_FILE, `${JSON.stringify(result, null, 2)}\n`],
    ['windows.csv', windowsCsv(result)],
    ['figures.csv', figuresCsv(result)],
  ] as const) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  return folder;
}

/**
 * An earlier result: `last` for the newest of the same profile, or a path of its file or folder, or its id.
 * @throws FaultlineError UNKNOWN_LOAD
 */
export function findResult(cwd: string, wanted: string, profile: string): LoadResult {
  const folder = loadsFolder(cwd);
  if (wanted === 'last') {
    const found = idsIn(folder).findLast((id) => read(join(folder, id, RESULT_FILE))?.profile === profile);
    if (found === undefined) throw unknown(wanted, `none of profile "${profile}" is below ${folder}`);
    return read(join(folder, found, RESULT_FILE))!;
  }
  const places = [resolve(cwd, wanted), resolve(cwd, wanted, RESULT_FILE), join(folder, wanted, RESULT_FILE)];
  const place = places.find((path) => path.endsWith('.json') && existsSync(path));
  if (place === undefined) throw unknown(wanted, 'no such file or id');
  const result = read(place);
  if (!result) throw unknown(wanted, 'it does not hold the result of a load');
  return result;
}

function unknown(load: string, reason: string): FaultlineError {
  return new FaultlineError('UNKNOWN_LOAD', { load, reason });
}

function idsIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function read(path: string): LoadResult | undefined {
  try {
    const result = JSON.parse(readFileSync(path, 'utf8')) as Partial<LoadResult>;
    return result.v === RESULT_VERSION && result.summary?.traffic ? (result as LoadResult) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unknown(path, reasonOf(error));
  }
}
