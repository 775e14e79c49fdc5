import { FaultlineError } from '../core/errors.ts';
import { parseDuration } from '../core/units.ts';
import type { Role } from '../server/guards/roles.ts';
import { Tokens, tokensFile } from '../server/guards/tokens.ts';

const here = () => new Tokens(tokensFile(process.cwd()));

/** `faultline token create`: prints the token, this once. */
export function createToken(name: string, { role, expires }: { role: Role; expires?: string }): number {
  const until = expires === undefined ? undefined : new Date(Date.now() + parseDuration(expires));
  process.stdout.write(`${here().create(name, role, until)}\n`);
  process.stderr.write('Keep it now: it is not shown again.\n');
  return 0;
}

/** `faultline token list`: who has one, without what it is. */
export function listTokens(): number {
  for (const { name, role, createdAt, expiresAt } of here().list())
    process.stdout.write(`${name}  ${role}  since ${createdAt}${expiresAt ? `, until ${expiresAt}` : ''}\n`);
  return 0;
}

/** `faultline token revoke`: it and every session that was opened with it end at once. */
export function revokeToken(name: string): number {
  if (!here().revoke(name)) throw new FaultlineError('UNKNOWN_TOKEN', { name });
  process.stdout.write(`token of ${name} revoked\n`);
  return 0;
}
