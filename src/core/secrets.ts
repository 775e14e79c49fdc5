/** Headers that carry credentials, in lower case. */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-amz-security-token',
  'openai-organization',
  'openai-project',
  'anthropic-organization-id',
  'x-goog-user-project',
]);

/** A URL without user info and with query values masked: `postgres://***@db:5432/app?sslmode=***`. Other text stays. */
export function maskUrls(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/"?#]+@/gi, '$1***@')
    .replace(/([?&][\w.~%-]+=)[^&\s"'#]+/g, '$1***');
}

/**
 * Replaces each `${NAME}` by its value.
 * @param allowed names listed under `env:` in safety-limits.yaml
 * @returns the text, or the name that is not allowed or not set
 */
export function expandVariables(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  allowed: readonly string[],
): { readonly text: string } | { readonly refused: string; readonly why: 'not-listed' | 'not-set' } {
  for (const [, name] of text.matchAll(/\$\{(\w+)\}/g)) {
    if (!allowed.includes(name!)) return { refused: name!, why: 'not-listed' };
    if (environment[name!] === undefined) return { refused: name!, why: 'not-set' };
  }
  return { text: text.replace(/\$\{(\w+)\}/g, (_, name: string) => environment[name]!) };
}
