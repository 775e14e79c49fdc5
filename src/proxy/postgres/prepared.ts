import type { PreparedUse } from '../../protocols/postgres/sql-prepared.ts';

/** Names kept of one connection; the oldest is forgotten for a new one beyond that. */
const MOST = 1000;

/** What SQL the names of one connection stand for: statements until they are closed, portals until the transaction ends. */
export class PreparedNames {
  readonly #statements = new Map<string, string>();
  readonly #portals = new Map<string, string | undefined>();

  /** By SQL; the names are those of the protocol too. */
  used(use: PreparedUse): void {
    if (use.does === 'prepare') this.parsed(use.name, use.sql);
    else if (use.does === 'forget' && use.name !== undefined) this.closed(use.name);
    else if (use.does === 'forget') this.#statements.clear();
  }

  statement(name: string): string | undefined {
    return this.#statements.get(name);
  }

  /** A statement's own SQL, as far as it was seen. */
  parsed(name: string, sql: string): void {
    keep(this.#statements, name, sql);
  }

  bound(portal: string, statement: string): void {
    keep(this.#portals, portal, this.#statements.get(statement));
  }

  closed(name: string): void {
    this.#statements.delete(name);
  }

  sqlOf(portal: string): string | undefined {
    return this.#portals.get(portal);
  }

  transactionEnded(): void {
    if (this.#portals.size > 0) this.#portals.clear();
  }
}

function keep<T>(names: Map<string, T>, name: string, value: T): void {
  names.delete(name);
  if (names.size >= MOST) names.delete(names.keys().next().value!);
  names.set(name, value);
}
