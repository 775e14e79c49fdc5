import type { PreparedUse } from '../../protocols/postgres/sql-prepared.ts';
import type { Digest } from '../clients/digest.ts';

/** Names kept of one connection; the oldest is forgotten for a new one beyond that. */
const MOST = 1000;

interface Named {
  readonly sql: string;
  readonly digest: Digest | undefined;
}

/** What SQL the names of one connection stand for: statements until they are closed, portals until the transaction ends. */
export class PreparedNames {
  readonly #statements = new Map<string, Named>();
  readonly #portals = new Map<string, Named | undefined>();

  /** By SQL; the names are those of the protocol too. */
  used(use: PreparedUse): void {
    if (use.does === 'prepare') this.parsed(use.name, use.sql);
    else if (use.does === 'forget' && use.name !== undefined) this.closed(use.name);
    else if (use.does === 'forget') this.#statements.clear();
  }

  statement(name: string): string | undefined {
    return this.#statements.get(name)?.sql;
  }

  /** A statement's own SQL, as far as it was seen, and what is known again of it. */
  parsed(name: string, sql: string, digest?: Digest): void {
    keep(this.#statements, name, { sql, digest });
  }

  /** `bind` makes of what a statement is known by what it is known by with its parameters. */
  bound(portal: string, statement: string, bind: (digest: Digest) => Digest | undefined): void {
    const named = this.#statements.get(statement);
    keep(this.#portals, portal, named?.digest ? { ...named, digest: bind(named.digest) } : named);
  }

  closed(name: string): void {
    this.#statements.delete(name);
  }

  sqlOf(portal: string): string | undefined {
    return this.#portals.get(portal)?.sql;
  }

  digestOf(portal: string): Digest | undefined {
    return this.#portals.get(portal)?.digest;
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
