import { type FrameAct, type FrameReader, Framer } from '../../protocols/postgres/framer.ts';
import {
  CLIENT_TYPES,
  endOfText,
  FROM_CLIENT,
  readText,
  type ServerError,
} from '../../protocols/postgres/messages.ts';
import { knownError } from '../../protocols/postgres/sqlstates.ts';
import { LONGEST_STARTUP, readStartup } from '../../protocols/postgres/startup.ts';
import type { PostgresUnit } from '../../protocols/postgres/unit.ts';
import type { Digest } from '../clients/digest.ts';
import { judgeUnit } from '../messages/judge.ts';
import type { Conversation, PostgresOutcome } from './conversation.ts';
import { digestOfParameters, digestOfSql } from './digest.ts';
import type { Pending } from './ledger.ts';
import { operate, startupFailure, type UnitKind } from './operate.ts';
import { Waiting } from './waiting.ts';

/** How much of a statement's text is read. */
const SQL = 16 * 1024;
/** How much of a message is read for the names it begins with. */
const NAMES = 512;
/** Answers due beyond which a client's requests are read no further until some have come. */
const MOST_DUE = 16_384;

/** First bytes of a query that may prepare a statement, or forget one; any other is not looked at without a fault. */
const MAY_PREPARE: ReadonlySet<number> = new Set(Buffer.from('pPdD \n'));

/** What a server says to a client beyond `max_connections`. */
const FULL: ServerError = { sqlstate: '53300', ...knownError('53300') };

/** What the session does for its readers. */
export interface Around {
  /** All that follows passes unread, for this reason: message faults are counted as skipped for it, if it has one. */
  giveUp(reason?: string): void;
}

/** A unit that waits: held by a fault, or for the answers before it. */
interface Judged {
  readonly unit: PostgresUnit;
  readonly pending: Pending;
  outcome: PostgresOutcome | undefined;
}

/** Reads what the client sends: follows names and answers due, and has its statements judged. */
export class ClientReader implements FrameReader {
  readonly #talk: Conversation;
  readonly #around: Around;
  readonly #framer = new Framer(this, false);
  readonly #waiting: Waiting;
  #judged: Judged | undefined;
  #letGo: (() => void) | undefined;
  /** An answer is to be lost: what comes after it would be done and answered too. */
  #losing: 'no' | 'at sync' | 'now' = 'no';
  #due = false;

  constructor(talk: Conversation, around: Around) {
    this.#talk = talk;
    this.#around = around;
    this.#waiting = new Waiting(this.#framer, talk.context);
  }

  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#watchDue();
  }

  end(): void {
    this.#waiting.end();
  }

  /** What waited for an answer may go on. */
  answered(): void {
    this.#waiting.resume();
    this.#watchDue();
  }

  /** The server asks for data, which belongs to the statement whose answer is to be lost; a Sync comes behind it. */
  copying(): void {
    if (this.#losing === 'now' && this.#talk.ledger.head?.kind === 'extended') this.#losing = 'at sync';
  }

  /** No answer is lost after all. */
  keepAnswer(): void {
    this.#losing = 'no';
  }

  faultsChanged(): void {
    if (this.#talk.context.faults().length === 0) this.#framer.letGo();
  }

  giveUp(): void {
    this.#framer.giveUp();
    this.#letGo?.();
    this.#losing = 'no';
    this.#waiting.pause(false);
    this.#waiting.resume();
  }

  closed(): void {
    this.#letGo?.();
    if (this.#judged && this.#judged.unit.at === 'statement') {
      this.#talk.context.meter.answered('error', this.#judged.pending.injected);
      this.#talk.watch.over(this.#judged.pending, true);
    }
  }

  // --- FrameReader

  wants(type: number, length: number): number {
    if (!this.#framer.typed) return length < 4 || length > LONGEST_STARTUP ? -1 : length;
    if (!CLIENT_TYPES.has(type)) return -1;
    switch (type) {
      case FROM_CLIENT.parse:
        return NAMES + SQL;
      case FROM_CLIENT.bind:
      case FROM_CLIENT.close:
        return NAMES;
      case FROM_CLIENT.query:
        return SQL;
      case FROM_CLIENT.execute:
        return NAMES;
      default:
        return 0;
    }
  }

  keeps(): boolean {
    return this.#judging || this.#denied || this.#losing === 'now' || this.#talk.ended;
  }

  pass(bytes: Buffer): void {
    this.#talk.context.toServer(bytes);
  }

  malformed(): void {
    this.#around.giveUp('not understood');
  }

  frame(type: number, length: number, bytes: Buffer, start: number, open: boolean): FrameAct {
    if (this.#talk.ended) return 'stop';
    if (!this.#framer.typed) return this.#startup(length, bytes, start, open);
    if (this.#losing === 'now' && open && !COPIES.has(type)) return 'stop';
    const { ledger, names } = this.#talk;
    const end = Math.min(start + length, bytes.length);
    if (type === FROM_CLIENT.sync) {
      ledger.sync();
      if (this.#losing === 'at sync') this.#losing = 'now';
      return 'pass';
    }
    if (ledger.skipping) return 'pass';
    switch (type) {
      case FROM_CLIENT.query:
        if (!this.#judging && MAY_PREPARE.has(bytes[start]!)) this.#talk.passed(sqlText(bytes, start, end));
        return this.#unit(
          'query',
          () => sqlText(bytes, start, end),
          () => digestOfSql(bytes, start, end, length),
          open,
        );
      case FROM_CLIENT.functionCall:
        return this.#unit(
          'call',
          () => undefined,
          () => undefined,
          open,
        );
      case FROM_CLIENT.execute: {
        const portal = readText(bytes, start, end) ?? '';
        return this.#unit(
          'execute',
          () => names.sqlOf(portal),
          () => names.digestOf(portal),
          open,
        );
      }
      case FROM_CLIENT.parse: {
        const nameEnd = endOfText(bytes, start, end);
        names.parsed(
          bytes.toString('utf8', start, nameEnd),
          sqlText(bytes, nameEnd + 1, end),
          this.#talk.context.clients
            ? digestOfSql(bytes, nameEnd + 1, end, length - (nameEnd - start))
            : undefined,
        );
        ledger.extended();
        return 'pass';
      }
      case FROM_CLIENT.bind: {
        const portalEnd = endOfText(bytes, start, end);
        const statement = readText(bytes, portalEnd + 1, end);
        if (statement !== undefined) {
          const from = portalEnd + Buffer.byteLength(statement) + 2;
          names.bound(bytes.toString('utf8', start, portalEnd), statement, (digest) =>
            this.#talk.watch.free
              ? digestOfParameters(digest, bytes, from, end, length - (from - start))
              : undefined,
          );
        }
        ledger.extended();
        return 'pass';
      }
      case FROM_CLIENT.close:
        if (bytes[start] === 0x53) names.closed(readText(bytes, start + 1, end) ?? '');
        ledger.extended();
        return 'pass';
      case FROM_CLIENT.describe:
        ledger.extended();
        return 'pass';
      case FROM_CLIENT.flush:
        this.#flushed();
        return 'pass';
      case FROM_CLIENT.copyDone:
      case FROM_CLIENT.copyFail:
        ledger.copyDone();
        return 'pass';
      default:
        return 'pass';
    }
  }

  get #judging(): boolean {
    return this.#judged !== undefined || this.#talk.context.faults().length > 0;
  }

  get #denied(): boolean {
    return !this.#framer.typed && this.#talk.context.denial?.() !== undefined;
  }

  #startup(length: number, bytes: Buffer, start: number, open: boolean): FrameAct {
    const packet = readStartup(bytes, start, length);
    if (packet.kind === 'encryption') {
      this.#talk.awaitsEncryption = true;
      return 'pass';
    }
    if (packet.kind !== 'startup') {
      this.#around.giveUp(packet.kind === 'unknown' ? 'not understood' : undefined);
      return 'pass';
    }
    const { parameters } = packet;
    this.#talk.user = parameters.get('user');
    this.#talk.database = parameters.get('database') ?? this.#talk.user;
    const denial = this.#talk.context.denial?.();
    if (denial && open) {
      startupFailure(this.#talk, { ...denial, do: 'reply', with: FULL });
      return 'drop';
    }
    const judged = this.#judge(() => this.#talk.startup(), open);
    if (judged === 'stop') return 'stop';
    if (judged.outcome && judged.outcome.do !== 'forward') {
      startupFailure(this.#talk, judged.outcome);
      return 'drop';
    }
    this.#framer.typed = true;
    this.#talk.started();
    if (parameters.has('replication')) this.#around.giveUp('replication');
    return 'pass';
  }

  #unit(
    kind: UnitKind,
    sql: () => string | undefined,
    digest: () => Digest | undefined,
    open: boolean,
  ): FrameAct {
    const { context, ledger } = this.#talk;
    if (!this.#judged) context.meter.unit();
    const preempted = kind === 'execute' && ledger.open?.surgery !== undefined;
    const judged = this.#judge(() => this.#talk.statement(sql()), open && !preempted, digest);
    if (judged === 'stop') return 'stop';
    const { unit, pending, outcome } = judged;
    const act = operate({ talk: this.#talk, kind, unit, pending, outcome });
    if (act === 'wait') {
      this.#judged = judged;
      return 'stop';
    }
    if (act === 'lose') {
      this.#losing = kind === 'execute' ? 'at sync' : 'now';
      return 'pass';
    }
    return act;
  }

  /** How a unit goes on, at once or, after a stop, when its frame is offered again. */
  #judge(view: () => PostgresUnit, open: boolean, digest?: () => Digest | undefined): Judged | 'stop' {
    const { context, watch } = this.#talk;
    const kept = this.#judged;
    if (kept) {
      if (!kept.outcome) return 'stop';
      this.#judged = undefined;
      return kept;
    }
    const faults = open ? context.faults() : [];
    const pending = this.#talk.pending();
    if (digest && watch.free) watch.begin(pending, digest());
    if (faults.length === 0) return { unit: NOT_READ, pending, outcome: undefined };
    const unit = view();
    const judged: Judged = { unit, pending, outcome: undefined };
    let waits = false;
    this.#letGo = judgeUnit<PostgresUnit, NonNullable<PostgresOutcome & { do: 'reply' }>['with']>({
      faults,
      facts: () => this.#talk.facts(unit),
      view: unit,
      clock: context.clock,
      meter: context.meter,
      injected: () => {
        judged.pending.injected = true;
        context.injected();
      },
      done: (outcome) => {
        judged.outcome = outcome;
        if (waits) this.#waiting.resume();
      },
    });
    if (judged.outcome) return judged;
    waits = true;
    this.#judged = judged;
    return 'stop';
  }

  /** The client waits for the answer before it sends its Sync, without which nothing is committed. */
  #flushed(): void {
    if (this.#losing !== 'at sync') return;
    const { open } = this.#talk.ledger;
    if (open?.surgery?.kind === 'lose') {
      open.surgery.giveBack('flushed before its commit');
      open.surgery = undefined;
    }
    this.#losing = 'no';
  }

  #watchDue(): void {
    const due = this.#talk.ledger.size > MOST_DUE;
    if (due === this.#due) return;
    this.#due = due;
    this.#waiting.pause(due);
  }
}

const COPIES: ReadonlySet<number> = new Set([
  FROM_CLIENT.copyData,
  FROM_CLIENT.copyDone,
  FROM_CLIENT.copyFail,
]);

const NOT_READ: PostgresUnit = {
  at: 'statement',
  user: undefined,
  database: undefined,
  sql: undefined,
  statements: [],
  inTransaction: false,
  connections: 0,
};

function sqlText(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, Math.min(endOfText(bytes, start, end), start + SQL));
}
