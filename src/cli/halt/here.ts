import { resolve } from 'node:path';
import { reasonOf } from '../../core/reason.ts';
import { runsFolder } from '../../experiments/journal/index.ts';
import { type UnfinishedRun, unfinishedRuns } from '../../experiments/recover/survey.ts';
import { findProxyConfig, readProxyConfig } from '../../proxy/config.ts';
import { DEFAULT_CONTROL } from '../../proxy/config-schema.ts';
import { DEFAULT_LIMITS } from '../../safety/limits/defaults.ts';
import { loadLimits } from '../../safety/limits/index.ts';
import { type KnownPlane, knownPlanes } from './planes.ts';
import { attempt } from './words.ts';

/** Which folder's kill switch is meant. */
export interface Place {
  /** Whose runs, limits and proxies. */
  readonly cwd: string;
  /** A control address in place of the folder's own. */
  readonly control?: string | undefined;
}

/** The stop file of the folder. A kill switch must not need files that are in order: limits that cannot be read are told, and the default is taken. */
export function stopFileHere({ cwd }: Place): string {
  return resolve(
    cwd,
    orElse(DEFAULT_LIMITS.stopFile, () => loadLimits({ cwd }).stopFile),
  );
}

/** Data planes and unfinished runs of the folder; runs that cannot be looked for are one of the problems. */
export function findHere(
  { cwd, control }: Place,
  problems: string[],
): { readonly planes: readonly KnownPlane[]; readonly runs: readonly UnfinishedRun[] } {
  const folder = runsFolder(cwd);
  const look = <T>(act: () => readonly T[]) =>
    attempt(problems, `runs in ${folder} cannot be read`, act) ?? [];
  const runs = look(() => unfinishedRuns(folder));
  const here = control ?? orElse(DEFAULT_CONTROL, () => controlOf(cwd));
  return { planes: look(() => knownPlanes(folder, runs, here)), runs };
}

function controlOf(cwd: string): string {
  const file = findProxyConfig(cwd);
  return file ? readProxyConfig(file).control : DEFAULT_CONTROL;
}

function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    return otherwise;
  }
}
