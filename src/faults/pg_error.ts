import { z } from 'zod';
import { knownError } from '../protocols/postgres/sqlstates.ts';
import { choice, text } from './attributes.ts';
import { ON_POSTGRES, type PostgresFault, serverError } from './on-postgres.ts';
import { endedSessions, failedStatements } from './pg-lasting.ts';

/** Classes of SQLSTATEs that are no errors: success, warning, no data. */
const NO_ERROR = /^0[012]/;

const attributes = z.strictObject({
  sqlstate: z
    .string()
    .regex(/^[0-9A-Z]{5}$/, 'a SQLSTATE is five digits or capitals, such as 40001')
    .refine((code) => !NO_ERROR.test(code), 'SQLSTATEs of classes 00, 01 and 02 are no errors')
    .default('57014')
    .meta({ unit: 'text', description: 'SQLSTATE of the error' }),
  message: text("Text of the error; without one, the server's own for that SQLSTATE"),
  severity: choice(
    'ERROR: the statement fails; FATAL: the connection ends too; auto: as a server has it for that SQLSTATE',
    ['auto', 'ERROR', 'FATAL'],
    'auto',
  ),
  at: choice(
    'What fails: each statement, or the start-up of each new connection',
    ['statement', 'startup'],
    'statement',
  ),
});

/** Statements, or start-ups, fail with an error of the server's making: drivers and server agree on what became of them. */
export const pgError: PostgresFault<z.output<typeof attributes>> = {
  ...ON_POSTGRES,
  type: 'pg_error',
  attributes,
  summary: 'Answers with a Postgres error',
  undo: 'new statements are forwarded again; connections that a FATAL error ended stay closed, and transactions in which a statement failed are rolled back',
  endsConnections: true,
  // A start-up that fails ends nothing that was.
  endsNone: (attributes) => attributes.at === 'startup' || !isFatal(attributes),
  lasting(attributes, times, by) {
    if (attributes.at === 'startup') return undefined;
    return isFatal(attributes) ? endedSessions(times, by) : failedStatements(times, by);
  },
  addedLatency: () => 0,
  explain({ sqlstate, severity, at }) {
    const what = at === 'startup' ? 'refuse each new connection' : 'fail each statement';
    const fatal = isFatal({ sqlstate, severity });
    return `${what} with SQLSTATE ${sqlstate}${fatal && at === 'statement' ? ' and end its connection' : ''}`;
  },
  judges: (unit, { at }) => unit.at === at,
  judge({ unit, attributes: { sqlstate, message, severity } }) {
    return {
      do: 'reply',
      with: serverError(unit, sqlstate, { message, ...(severity === 'auto' ? {} : { severity }) }),
    };
  },
};

function isFatal({
  sqlstate,
  severity,
}: Pick<z.output<typeof attributes>, 'sqlstate' | 'severity'>): boolean {
  return (severity === 'auto' ? knownError(sqlstate).severity : severity) === 'FATAL';
}
