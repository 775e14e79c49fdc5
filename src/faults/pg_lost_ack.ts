import { z } from 'zod';
import { formatCount } from '../core/units.ts';
import { ON_POSTGRES, type PostgresFault } from './on-postgres.ts';

const attributes = z.strictObject({});

/**
 * The commit happened, its answer never comes: whoever tries again does it twice. Acts on COMMIT, and outside a transaction on
 * statements that write, which commit by themselves: those that `pg_read_only` refuses. An answer that tells of an error is not
 * lost. What functions and procedures write cannot be told from a SELECT or CALL that only reads.
 */
export const pgLostAck: PostgresFault<z.output<typeof attributes>> = {
  ...ON_POSTGRES,
  type: 'pg_lost_ack',
  attributes,
  summary:
    'Loses the acknowledgement of a commit that took place: COMMIT, or a statement outside a transaction that is seen to write; what functions and procedures write is not seen',
  undo: 'answers come again; connections that were reset stay closed, and what they committed is committed',
  endsConnections: true,
  lasting: (_, times, by) =>
    `${formatCount(times, 'statement')} happened whose answers were never delivered, by ${by}`,
  addedLatency: () => 0,
  explain: () => 'let each commit take place, drop its answer and reset the connection',
  judges: ({ at, statements, inTransaction }) =>
    at === 'statement' &&
    (statements.some(({ command }) => command.startsWith('COMMIT')) ||
      (!inTransaction && statements.some(({ refused }) => refused !== undefined))),
  judge: () => ({ do: 'lose', how: 'rst' }),
};
