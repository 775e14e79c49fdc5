import { z } from 'zod';
import { count } from './attributes.ts';
import { ON_POSTGRES, type PostgresFault, serverError } from './on-postgres.ts';

const attributes = z.strictObject({
  max: count('Connections that may be open; those open when it comes into force count too', 0),
});

/** A server whose connections are all taken: those beyond get its own error, and those that are open stay. */
export const pgConnectionLimit: PostgresFault<z.output<typeof attributes>> = {
  ...ON_POSTGRES,
  type: 'pg_connection_limit',
  matchKeys: ['client', 'database', 'user'],
  attributes,
  summary: 'Refuses connections over a limit as Postgres does',
  undo: 'new connections are let in again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: ({ max }) =>
    max === 0
      ? 'refuse each new connection with SQLSTATE 53300'
      : `refuse connections over ${max} with SQLSTATE 53300`,
  judges: ({ at, connections }, { max }) => at === 'startup' && connections >= max,
  judge: ({ unit }) => ({ do: 'reply', with: serverError(unit, '53300') }),
};
