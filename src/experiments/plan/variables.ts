import type { Path } from '../../core/document.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import { nameOf, type Problems } from './problems.ts';

/** Where `${NAME}` is expanded, in an experiment and in a load file: `url` of a driver, `url`, `headers` and `env` of a probe, `headers` of a load's requests. */
const PLACES: readonly RegExp[] = [
  /^drivers\.[^.]+\.url$/,
  /^steadyState\.probes\.\d+\.\w+\.url$/,
  /^steadyState\.probes\.\d+\.\w+\.(headers|env)\./,
  /^((steps\.\d+\.)?load\.)?(scenarios\.\d+\.)?requests\.\d+\.headers\./,
];

const VARIABLE = /\$\{(\w+)\}/g;

/**
 * Each `${NAME}` in what a file says must stand where it is expanded, and be listed under `env:` of the limits.
 * @param places paths, joined by dots, at which it is expanded; by default those of an experiment
 */
export function checkVariables(
  data: unknown,
  limits: SafetyLimits,
  problems: Problems,
  places = PLACES,
  path: Path = [],
): void {
  if (typeof data === 'object' && data !== null) {
    const list = Array.isArray(data);
    for (const [key, value] of Object.entries(data)) {
      checkVariables(value, limits, problems, places, [...path, list ? Number(key) : key]);
    }
    return;
  }
  if (typeof data !== 'string') return;
  const expanded = places.some((place) => place.test(path.map(String).join('.')));
  for (const [variable, name] of data.matchAll(VARIABLE)) {
    if (!expanded) problems.add('VARIABLE_MISPLACED', { variable }, path);
    else if (!limits.env.includes(name!)) {
      problems.add('VARIABLE_NOT_LISTED', { name, limits: nameOf(limits) }, path);
    }
  }
}

/** Names of variables in `text` that the limits do not list. */
export function unlistedVariables(text: string, limits: SafetyLimits): readonly string[] {
  return [...text.matchAll(VARIABLE)].map(([, name]) => name!).filter((name) => !limits.env.includes(name));
}
