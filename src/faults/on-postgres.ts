import type { Attributes } from '../core/fault.ts';
import type { ServerError } from '../protocols/postgres/messages.ts';
import { fillMessage, knownError } from '../protocols/postgres/sqlstates.ts';
import type { PostgresUnit } from '../protocols/postgres/unit.ts';
import type { MessageFault } from './contract.ts';

export type PostgresFault<A extends Attributes> = MessageFault<A, PostgresUnit, ServerError>;

/** What faults share that judge start-ups and statements of Postgres. */
export const ON_POSTGRES = {
  layer: 'message',
  units: 'statements',
  protocols: ['postgres'],
  streams: ['upstream'],
  manual: true,
  matchKeys: ['client', 'command', 'database', 'sql', 'user'],
  judges: ({ at }: PostgresUnit) => at === 'statement',
} as const;

/** An error as a server would report it to this unit. */
export function serverError(
  unit: PostgresUnit,
  sqlstate: string,
  { severity = knownError(sqlstate).severity, message = '' }: Partial<ServerError> = {},
): ServerError {
  const [first] = unit.statements;
  const values = {
    user: unit.user,
    database: unit.database,
    command: first?.refused ?? first?.command ?? 'statement',
  };
  return { severity, sqlstate, message: message || fillMessage(knownError(sqlstate).message, values) };
}
