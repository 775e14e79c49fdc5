import type { RedisServer } from './server.ts';

/**
 * Why the server or its user does not let a command through; undefined when it does, or when the server cannot say (ACL came
 * with Redis 6, its dry run with 7): then the command itself will tell.
 */
export async function whyForbidden(
  server: RedisServer,
  command: readonly string[],
): Promise<string | undefined> {
  const shown = command.slice(0, 2).join(' ');
  const known = await server.call('COMMAND', 'INFO', command[0]!).catch(() => undefined);
  if (Array.isArray(known) && known[0] === null) return `the server has no ${shown}, as many managed ones`;
  try {
    const user = String(await server.call('ACL', 'WHOAMI'));
    const answer = String(await server.call('ACL', 'DRYRUN', user, ...command));
    return answer === 'OK' ? undefined : `its user may not run ${shown}`;
  } catch {
    return undefined;
  }
}
