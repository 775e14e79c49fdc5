import { ENCRYPTED } from '../../core/encrypted.ts';
import { type FrameAct, type FrameReader, Framer } from '../../protocols/postgres/framer.ts';
import {
  errorFields,
  errorResponse,
  FROM_SERVER,
  SERVER_TYPES,
  type TransactionStatus,
  withoutBinding,
} from '../../protocols/postgres/messages.ts';
import type { Around, ClientReader } from './client-reader.ts';
import type { Conversation } from './conversation.ts';
import type { Rewrite } from './ledger.ts';
import type { LostAnswer } from './lost-answer.ts';

/** How much of an error is read: its severity, code and message stand first. */
const ERROR = 2048;
/** Longest list of ways to authenticate that is read; servers know two. */
const MECHANISMS = 256;
const HEADER = 5;
const AGREED = new Set(['S'.charCodeAt(0), 'G'.charCodeAt(0)]);
const REFUSED = 'N'.charCodeAt(0);
const UNKNOWN_STATE = 'XX000';

/** Messages that answer nothing, and may come at any time. */
const ASIDE: ReadonlySet<number> = new Set([
  FROM_SERVER.notice,
  FROM_SERVER.notification,
  FROM_SERVER.parameterStatus,
]);

/** Reads what the server sends: keeps the ledger, and rewrites or loses the answers that it has marked. */
export class ServerReader implements FrameReader {
  readonly #talk: Conversation;
  readonly #around: Around;
  readonly #client: ClientReader;
  readonly #framer = new Framer(this, true);
  /** What the client sent may wait for something that came. */
  #wakes = false;

  constructor(talk: Conversation, around: Around, client: ClientReader) {
    this.#talk = talk;
    this.#around = around;
    this.#client = client;
  }

  push(chunk: Buffer): void {
    if (this.#talk.awaitsEncryption) this.#encryptionAnswered(chunk);
    else this.#read(chunk);
  }

  /** An answer that breaks off cannot be lost: the client gets what there is of it. */
  end(): void {
    const surgery = this.#surgery;
    if (surgery?.kind === 'lose') surgery.giveBack('server gone');
    this.#framer.letGo();
    this.#talk.context.toClientEnd();
  }

  giveUp(): void {
    this.#framer.giveUp();
  }

  #read(chunk: Buffer): void {
    this.#framer.push(chunk);
    if (!this.#wakes) return;
    // Only now: what the client's side may answer by itself comes behind all that was in the chunk.
    this.#wakes = false;
    this.#client.answered();
  }

  // --- FrameReader

  wants(type: number, length: number): number {
    if (!SERVER_TYPES.has(type)) return -1;
    if (type === FROM_SERVER.ready) return 1;
    const surgery = this.#surgery;
    if (surgery?.kind === 'lose' && !ASIDE.has(type)) {
      return length + HEADER <= surgery.room ? length : Math.min(length, ERROR);
    }
    if (this.#hides(type)) return Math.min(length, MECHANISMS);
    return type === FROM_SERVER.error ? ERROR : 0;
  }

  keeps(type: number): boolean {
    return this.#surgery !== undefined || this.#hides(type);
  }

  /** The server offers to bind passwords to a TLS session that its client is not in. */
  #hides(type: number): boolean {
    return type === FROM_SERVER.authentication && this.#talk.hidesBinding;
  }

  pass(bytes: Buffer): void {
    this.#talk.context.toClient(bytes);
  }

  malformed(): void {
    this.#around.giveUp('not understood');
  }

  frame(type: number, length: number, bytes: Buffer, start: number, open: boolean): FrameAct {
    const { ledger } = this.#talk;
    switch (type) {
      case FROM_SERVER.ready:
        return this.#ready(String.fromCharCode(bytes[start]!) as TransactionStatus, open);
      case FROM_SERVER.error:
        return this.#error(bytes, start, Math.min(start + length, bytes.length), open);
      case FROM_SERVER.copyBoth:
        this.#around.giveUp('replication');
        return 'pass';
      case FROM_SERVER.notice:
      case FROM_SERVER.notification:
      case FROM_SERVER.parameterStatus:
      case FROM_SERVER.backendKeyData:
      case FROM_SERVER.negotiateVersion:
        return 'pass';
      case FROM_SERVER.authentication:
        if (!open || !this.#hides(type) || length > MECHANISMS) return 'pass';
        return withoutBinding(bytes.subarray(start - HEADER, start + length)) ?? 'pass';
      case FROM_SERVER.copyIn:
        return this.#copyIn();
    }
    const surgery = open ? this.#surgery : undefined;
    if (surgery?.kind === 'rewrite') {
      const act = this.#rewriteEnd(surgery, type);
      if (act) return act;
    }
    ledger.answering();
    this.#completed(type);
    if (surgery?.kind !== 'lose' || surgery.over) return 'pass';
    const whole = start + length <= bytes.length;
    surgery.keep(whole ? bytes.subarray(start - HEADER, start + length) : undefined);
    return 'drop';
  }

  /** Without it the client would send no data, and nothing would be committed whose answer could be lost. */
  #copyIn(): FrameAct {
    const { ledger } = this.#talk;
    ledger.copyIn();
    ledger.answering();
    const surgery = this.#surgery;
    if (surgery?.kind === 'lose') {
      surgery.tell();
      this.#client.copying();
      this.#wakes = true;
    }
    return 'pass';
  }

  get #surgery(): Rewrite | LostAnswer | undefined {
    return this.#talk.ledger.head?.surgery;
  }

  #completed(type: number): void {
    const { ledger } = this.#talk;
    switch (type) {
      case FROM_SERVER.commandComplete:
      case FROM_SERVER.emptyQuery:
      case FROM_SERVER.portalSuspended:
        ledger.completed(true);
        break;
      case FROM_SERVER.parseComplete:
      case FROM_SERVER.bindComplete:
      case FROM_SERVER.closeComplete:
      case FROM_SERVER.rowDescription:
      case FROM_SERVER.noData:
        ledger.completed(false);
        break;
    }
  }

  /** The ROLLBACK in place of a COMMIT ends as an error; answers to what was sent beside it are nobody's. */
  #rewriteEnd(surgery: Rewrite, type: number): FrameAct | undefined {
    const { ledger } = this.#talk;
    const { extra, error } = surgery;
    const head = ledger.head!;
    if (head.kind === 'simple') {
      if (type !== FROM_SERVER.commandComplete) return undefined;
      ledger.answering();
      surgery.done();
      ledger.failed(error.sqlstate);
      head.surgery = undefined;
      return errorResponse(error);
    }
    if (!extra || head.got < extra.after || head.got >= extra.after + extra.count) return undefined;
    head.got++;
    return 'drop';
  }

  #error(bytes: Buffer, start: number, end: number, open: boolean): FrameAct {
    const { ledger, marker } = this.#talk;
    const head = ledger.head;
    const fields = errorFields(bytes, start, end);
    const sqlstate = fields.get('C') ?? UNKNOWN_STATE;
    const surgery = head?.surgery;
    ledger.answering();
    if (head?.kind === 'startup') {
      this.#talk.context.meter.unit();
      this.#talk.context.meter.answered(sqlstate, false);
    }
    if (head) head.surgery = undefined;
    if (surgery?.kind === 'lose') {
      surgery.giveBack('failed by itself');
      ledger.failed(sqlstate);
      this.#client.keepAnswer();
      this.#wakes = true;
      return 'pass';
    }
    if (surgery && open && (head!.kind === 'simple' || fields.get('M')?.includes(marker))) {
      surgery.done();
      ledger.failed(surgery.error.sqlstate);
      return errorResponse(surgery.error);
    }
    surgery?.failed('failed by itself');
    ledger.failed(sqlstate);
    return 'pass';
  }

  #ready(status: TransactionStatus, open: boolean): FrameAct {
    const { ledger } = this.#talk;
    const surgery = ledger.head?.surgery;
    if (surgery?.kind === 'lose' && open && !surgery.over) {
      surgery.lose();
      return 'drop';
    }
    ledger.ready(status);
    this.#talk.settled();
    this.#wakes = true;
    return 'pass';
  }

  /** One byte, which is no message. */
  #encryptionAnswered(chunk: Buffer): void {
    this.#talk.awaitsEncryption = false;
    if (AGREED.has(chunk[0]!)) this.#around.giveUp(ENCRYPTED);
    else if (chunk[0] !== REFUSED) this.#around.giveUp('not understood');
    else if (chunk.length > 1) {
      this.pass(chunk.subarray(0, 1));
      this.#read(chunk.subarray(1));
      return;
    }
    this.pass(chunk);
  }
}
