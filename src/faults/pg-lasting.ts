import { formatCount } from '../core/units.ts';

/** What stays of connections that ended while statements, and perhaps transactions, were under way on them. */
export function endedSessions(times: number, by: string): string {
  return `${formatCount(times, 'connection')} ${times === 1 ? 'was' : 'were'} ended by ${by}, and transactions open on them rolled back`;
}

/** What stays of statements that failed: in a transaction, Postgres then takes nothing but its rollback. */
export function failedStatements(times: number, by: string): string {
  return `${formatCount(times, 'statement')} failed by ${by}, and transactions that held one were rolled back`;
}
