import { z } from 'zod';
import { ON_POSTGRES, type PostgresFault, serverError } from './on-postgres.ts';
import { failedStatements } from './pg-lasting.ts';

const attributes = z.strictObject({});

/**
 * What clients meet that still speak to the old primary after a failover. Refused are INSERT, UPDATE, DELETE, MERGE, COPY FROM,
 * SELECT that locks rows or writes, CREATE, ALTER, DROP, TRUNCATE, COMMENT, GRANT, REVOKE, REFRESH MATERIALIZED VIEW, SECURITY LABEL,
 * REASSIGN OWNED, IMPORT FOREIGN SCHEMA, EXPLAIN ANALYZE of these, EXECUTE of one of these that its connection prepared, and a DO
 * whose code holds INSERT, UPDATE, DELETE, MERGE or TRUNCATE, whether or not it would come to that. What functions and procedures
 * write, and what a DO writes by a text of its own making, goes unseen.
 */
export const pgReadOnly: PostgresFault<z.output<typeof attributes>> = {
  ...ON_POSTGRES,
  type: 'pg_read_only',
  attributes,
  summary:
    'Refuses statements that write, as a replica does: INSERT, UPDATE, DELETE, MERGE, COPY FROM, SELECT INTO, SELECT FOR UPDATE and SHARE, nextval(), CREATE, ALTER, DROP, TRUNCATE, REFRESH, GRANT, REVOKE, COMMENT, also by EXPLAIN ANALYZE, EXECUTE and DO; what functions and procedures write is not seen',
  undo: 'new statements that write are forwarded again; transactions in which one was refused are rolled back',
  endsConnections: false,
  lasting: (_, times, by) => failedStatements(times, by),
  addedLatency: () => 0,
  explain: () => 'refuse each statement that writes with SQLSTATE 25006, as a replica does',
  judges: ({ at, statements }) =>
    at === 'statement' && statements.some(({ refused }) => refused !== undefined),
  judge({ unit }) {
    const refused = unit.statements.filter((statement) => statement.refused !== undefined);
    return { do: 'reply', with: serverError({ ...unit, statements: refused }, '25006') };
  },
};
