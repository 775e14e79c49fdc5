import { FaultlineError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { PATTERN_NAMES } from '../../sandbox/index.ts';

/** Which build of the sandbox is played: its patterns all on or all off, less and more those that are named. */
export interface BuildFlags {
  readonly build?: string;
  readonly with?: readonly string[];
  readonly without?: readonly string[];
}

/**
 * The flags as the sandbox's own list of patterns.
 * @throws FaultlineError BAD_VALUE for a build or a pattern that does not exist
 */
export function resilienceOf(flags: BuildFlags): string {
  const build = known('--build', flags.build ?? 'fragile', ['fragile', 'resilient']);
  const pattern = (where: string) => (name: string) => known(where, name, PATTERN_NAMES);
  const added = (flags.with ?? []).map(pattern('--with'));
  const removed = (flags.without ?? []).map(pattern('--without'));
  return [build === 'resilient' ? 'all' : 'none', ...added, ...removed.map((name) => `-${name}`)].join(',');
}

function known(where: string, value: string, names: readonly string[]): string {
  if (names.includes(value)) return value;
  throw new FaultlineError('BAD_VALUE', {
    value,
    where,
    expected: `one of ${names.join(', ')}`,
    suggestion: didYouMean(value, names),
  });
}
