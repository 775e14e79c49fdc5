import type { Severity } from './messages.ts';

interface Known {
  readonly severity: Severity;
  /** As PostgreSQL 15 says it in English. `{user}`, `{database}` and `{command}` are those of the unit. */
  readonly message: string;
}

/** SQLSTATEs that outages bring, with the severity and the text that a server gives them. */
const KNOWN: Readonly<Record<string, Known>> = {
  '08006': { severity: 'FATAL', message: 'connection failure' },
  '08P01': { severity: 'ERROR', message: 'protocol violation' },
  '22P02': { severity: 'ERROR', message: 'invalid input syntax' },
  '23505': { severity: 'ERROR', message: 'duplicate key value violates unique constraint' },
  '25006': { severity: 'ERROR', message: 'cannot execute {command} in a read-only transaction' },
  '25P02': {
    severity: 'ERROR',
    message: 'current transaction is aborted, commands ignored until end of transaction block',
  },
  '25P03': { severity: 'FATAL', message: 'terminating connection due to idle-in-transaction timeout' },
  '26000': { severity: 'ERROR', message: 'prepared statement does not exist' },
  '28000': { severity: 'FATAL', message: 'role "{user}" is not permitted to log in' },
  '28P01': { severity: 'FATAL', message: 'password authentication failed for user "{user}"' },
  '3D000': { severity: 'FATAL', message: 'database "{database}" does not exist' },
  '40001': { severity: 'ERROR', message: 'could not serialize access due to concurrent update' },
  '40P01': { severity: 'ERROR', message: 'deadlock detected' },
  '53100': {
    severity: 'ERROR',
    message: 'could not extend file "base/16384/16385": No space left on device',
  },
  '53200': { severity: 'ERROR', message: 'out of memory' },
  '53300': { severity: 'FATAL', message: 'sorry, too many clients already' },
  '53400': { severity: 'ERROR', message: 'configuration limit exceeded' },
  '55P03': { severity: 'ERROR', message: 'canceling statement due to lock timeout' },
  '57014': { severity: 'ERROR', message: 'canceling statement due to statement timeout' },
  '57P01': { severity: 'FATAL', message: 'terminating connection due to administrator command' },
  '57P02': {
    severity: 'FATAL',
    message: 'terminating connection because of crash of another server process',
  },
  '57P03': { severity: 'FATAL', message: 'the database system is starting up' },
  '57P04': { severity: 'FATAL', message: 'terminating connection because its database was dropped' },
  '57P05': { severity: 'FATAL', message: 'terminating connection due to idle-session timeout' },
  '58030': {
    severity: 'ERROR',
    message: 'could not read block 0 in file "base/16384/16385": Input/output error',
  },
  XX000: { severity: 'ERROR', message: 'internal error' },
  XX001: { severity: 'ERROR', message: 'invalid page in block 0 of relation base/16384/16385' },
};

const UNKNOWN: Known = { severity: 'ERROR', message: 'internal error' };

export function knownError(sqlstate: string): Known {
  return KNOWN[sqlstate] ?? UNKNOWN;
}

/** Puts the values of a unit into a message's places. */
export function fillMessage(message: string, values: Readonly<Record<string, string | undefined>>): string {
  return message.replace(/\{(user|database|command)\}/g, (place, name: string) => values[name] ?? place);
}
