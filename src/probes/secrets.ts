import { expandVariables } from '../core/secrets.ts';
import { ProbeFailure } from './reason.ts';

export interface ProbeContext {
  readonly environment: NodeJS.ProcessEnv;
  /** Names that `${NAME}` may stand for: `env:` in safety-limits.yaml. */
  readonly allowed: readonly string[];
}

/** Replaces each `${NAME}`. @throws ProbeFailure naming the variable, never its value */
export function expand(text: string, context: ProbeContext): string {
  const expanded = expandVariables(text, context.environment, context.allowed);
  if ('text' in expanded) return expanded.text;
  throw new ProbeFailure(
    expanded.why === 'not-set'
      ? `variable ${expanded.refused} is not set`
      : `variable ${expanded.refused} is not listed under "env" in safety-limits.yaml`,
  );
}

export function expandAll(
  texts: Readonly<Record<string, string>>,
  context: ProbeContext,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, expand(text, context)]));
}
