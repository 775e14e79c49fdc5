import { randomBytes } from 'node:crypto';
import type { Ending } from '../../faults/contract.ts';
import type { ServerError } from '../../protocols/postgres/messages.ts';
import { readStatements, type Statement } from '../../protocols/postgres/sql.ts';
import type { PostgresUnit } from '../../protocols/postgres/unit.ts';
import { ConnectionWatch } from '../clients/connection-watch.ts';
import type { UnitFacts } from '../contract.ts';
import type { Outcome } from '../messages/judge.ts';
import type { SessionContext } from '../session.ts';
import { Ledger, type Pending } from './ledger.ts';
import { PreparedNames } from './prepared.ts';

export type PostgresOutcome = Outcome<ServerError>;

/** Texts whose statements are kept, for all connections of a proxy. */
const KEPT = 512;
/**
 * Errors after which the same statement may well succeed: connections, serialization and deadlocks, resources, an operator's
 * hand, the system's own, a standby that has to be left, a lock.
 */
const PASSING = /^(?:08|40|53|57|58|XX|25006|55P03)/;
const NONE: readonly Statement[] = [];
const PREPARES = /^\s*(?:prepare|deallocate|discard)\b/i;

/** What both directions of one connection know of it. */
export class Conversation {
  readonly context: SessionContext;
  readonly ledger: Ledger;
  readonly names = new PreparedNames();
  readonly watch: ConnectionWatch;
  /** Names nothing on the server, so that what is asked for by it fails; stands in the message of that error. */
  readonly marker = `faultline_${randomBytes(6).toString('hex')}`;
  user: string | undefined;
  database: string | undefined;
  /** The connection was ended: what the client sent after that is for nobody. */
  ended = false;
  /** The server, under TLS with the proxy alone, may offer what only a client under TLS can take. */
  readonly hidesBinding: boolean;
  /** The server's one byte in answer to a request for encryption is due. */
  awaitsEncryption = false;
  /** A transaction block is open once the server has done what is on its way to it. */
  #expected: boolean | undefined;
  readonly #connections: Set<Conversation>;
  readonly #statements: Map<string, readonly Statement[]>;

  constructor(context: SessionContext, { hidesBinding }: { readonly hidesBinding: boolean }) {
    const { clock, meter } = context;
    this.context = context;
    this.watch = new ConnectionWatch(context.clients);
    this.hidesBinding = hidesBinding;
    this.#connections = context.shared('postgres connections', () => new Set<Conversation>());
    this.#statements = context.shared('postgres statements', () => new Map<string, readonly Statement[]>());
    this.ledger = new Ledger({
      now: () => clock.now(),
      answered: (unit, sqlstate) => {
        const { since, answeredAt, injected } = unit;
        const microseconds = answeredAt === undefined ? undefined : (answeredAt - since) * 1000;
        meter.answered(sqlstate ?? 'ok', injected, microseconds);
        this.watch.over(unit, sqlstate !== undefined && PASSING.test(sqlstate));
      },
    });
  }

  end(how: Ending): void {
    this.ended = true;
    this.context.close(how);
  }

  /** The start-up packet is sent on. */
  started(): void {
    this.#connections.add(this);
  }

  closed(): void {
    this.#connections.delete(this);
    for (const [unit, sqlstate] of this.ledger.unanswered()) {
      this.context.meter.answered(sqlstate ?? 'error', unit.injected);
    }
    this.watch.noAnswer();
  }

  startup(): PostgresUnit {
    return this.#unit('startup', undefined);
  }

  statement(sql: string | undefined): PostgresUnit {
    return this.#unit('statement', sql);
  }

  facts(unit: PostgresUnit): UnitFacts {
    const { sql, user, database } = unit;
    return {
      client: this.context.client,
      ...(sql === undefined ? {} : { sql }),
      ...(user === undefined ? {} : { user }),
      ...(database === undefined ? {} : { database }),
      get command() {
        return unit.statements.map(({ command }) => command);
      },
    };
  }

  /** A unit is sent on as it is. */
  forwarded({ statements }: PostgresUnit): void {
    for (const { command, prepared } of statements) {
      if (prepared) this.names.used(prepared);
      if (command === 'BEGIN' || command === 'START TRANSACTION') this.#expected = true;
      else if (command === 'COMMIT' || command === 'ROLLBACK') this.#expected = false;
    }
  }

  /** A query is sent on that nobody judged: what it prepares by SQL may be executed when somebody does. */
  passed(sql: string): void {
    if (!PREPARES.test(sql)) return;
    for (const { prepared } of this.#statementsOf(sql)) if (prepared) this.names.used(prepared);
  }

  /** ReadyForQuery came. */
  settled(): void {
    if (this.ledger.size === 0) {
      this.#expected = undefined;
      // What the server discarded after an error gets no answer of its own.
      this.watch.noAnswer();
    }
    if (this.ledger.status === 'I') this.names.transactionEnded();
  }

  pending(injected = false): Pending {
    return { since: this.context.clock.now(), answeredAt: undefined, injected };
  }

  get inTransaction(): boolean {
    return this.#expected ?? this.ledger.status !== 'I';
  }

  #unit(at: PostgresUnit['at'], sql: string | undefined): PostgresUnit {
    const { user, database, inTransaction } = this;
    const statementsOf = () => this.#executed(this.#statementsOf(sql));
    const connections = this.#connections.size - (this.#connections.has(this) ? 1 : 0);
    return {
      at,
      user,
      database,
      sql,
      inTransaction,
      connections,
      // Read only where a fault asks: most units meet none that does.
      get statements() {
        return statementsOf();
      },
    };
  }

  /** EXECUTE writes what the statement writes that it executes. */
  #executed(statements: readonly Statement[]): readonly Statement[] {
    if (!statements.some(({ prepared }) => prepared?.does === 'execute')) return statements;
    return statements.map((statement) => {
      const { prepared } = statement;
      if (prepared?.does !== 'execute') return statement;
      const [inner] = this.#statementsOf(this.names.statement(prepared.name));
      return { ...statement, refused: inner?.refused };
    });
  }

  #statementsOf(sql: string | undefined): readonly Statement[] {
    if (sql === undefined) return NONE;
    const known = this.#statements.get(sql);
    if (known) return known;
    const statements = readStatements(sql);
    if (this.#statements.size >= KEPT) this.#statements.delete(this.#statements.keys().next().value!);
    this.#statements.set(sql, statements);
    return statements;
  }
}
