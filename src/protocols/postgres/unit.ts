import type { Statement } from './sql.ts';

/** What a fault on Postgres is judged on: a start-up, or a `Query`, `Execute` or function call. */
export interface PostgresUnit {
  readonly at: 'startup' | 'statement';
  readonly user: string | undefined;
  readonly database: string | undefined;
  /** The first of it, if it was seen; a function call has none. */
  readonly sql: string | undefined;
  /** What it holds; a `Query` may hold several. */
  readonly statements: readonly Statement[];
  /** A transaction block is open as far as the answers and the statements on their way tell. */
  readonly inTransaction: boolean;
  /** Connections of the proxy that are past their start-up packet, without this one. */
  readonly connections: number;
}
