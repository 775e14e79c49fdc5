import { z } from 'zod';
import { ON_POSTGRES, type PostgresFault, serverError } from './on-postgres.ts';
import { endedSessions } from './pg-lasting.ts';

const attributes = z.strictObject({});

/** What an administrator's `pg_terminate_backend`, a restart or a failover does to a session, at the moment it wants something. */
export const pgKill: PostgresFault<z.output<typeof attributes>> = {
  ...ON_POSTGRES,
  type: 'pg_kill',
  attributes,
  summary: 'Ends the connection of a statement as an administrator would',
  undo: 'new connections live; those ended stay closed, and their transactions rolled back',
  endsConnections: true,
  lasting: (_, times, by) => endedSessions(times, by),
  addedLatency: () => 0,
  explain: () => 'end the connection of each statement with SQLSTATE 57P01, as an administrator would',
  judge: ({ unit }) => ({ do: 'reply', with: serverError(unit, '57P01') }),
};
