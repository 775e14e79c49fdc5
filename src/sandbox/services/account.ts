import { execFileSync } from 'node:child_process';
import { SandboxError } from './error.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account that Postgres runs as: none of its own when this process is not root; else `postgres`, or `nobody` where
 * there is no such account, because Postgres refuses to run as root.
 */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const account = find('postgres') ?? find('nobody');
  if (!account) {
    throw new SandboxError(
      'Postgres does not run as root, and this machine has neither a user "postgres" nor "nobody". Create one with "useradd --system postgres".',
    );
  }
  return account;
}

function find(name: string): Account | undefined {
  const ask = (flag: string) =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined;
  }
}
