import { z } from 'zod';
import { ON_POSTGRES, type PostgresFault, serverError } from './on-postgres.ts';

const attributes = z.strictObject({});

/**
 * What clients meet that still speak to the old primary after a failover. Refused are INSERT, UPDATE, DELETE, MERGE, COPY FROM,
 * SELECT that locks rows or writes, CREATE, ALTER, DROP, TRUNCATE, COMMENT, GRANT, REVOKE, REFRESH MATERIALIZED VIEW, SECURITY LABEL,
 * REASSIGN OWNED, IMPORT FOREIGN SCHEMA, and EXPLAIN ANALYZE of these. What functions, DO and EXECUTE write goes unseen.
 */
export const pgReadOnly: PostgresFault<z.output<typeof attributes>> = {
  ...ON_POSTGRES,
  type: 'pg_read_only',
  attributes,
  summary:
    'Refuses statements that write, as a replica does: INSERT, UPDATE, DELETE, MERGE, COPY FROM, SELECT INTO, SELECT FOR UPDATE and SHARE, nextval(), CREATE, ALTER, DROP, TRUNCATE, REFRESH, GRANT, REVOKE, COMMENT',
  undo: 'new statements that write are forwarded again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: () => 'refuse each statement that writes with SQLSTATE 25006, as a replica does',
  judges: ({ at, statements }) =>
    at === 'statement' && statements.some(({ refused }) => refused !== undefined),
  judge({ unit }) {
    const refused = unit.statements.filter((statement) => statement.refused !== undefined);
    return { do: 'reply', with: serverError({ ...unit, statements: refused }, '25006') };
  },
};
