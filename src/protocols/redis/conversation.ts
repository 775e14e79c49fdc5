import type { Role } from './commands.ts';
import { type Exchange, exchangeOf, type ProtocolVersion } from './exchange.ts';
import type { Arguments } from './keys.ts';
import type { ReplyFramer } from './replies.ts';
import { STATUS } from './reply-forms.ts';

/**
 * What a top-level value from the server is: nobody's answer, one of several, or the last that was owed. `lost`: it cannot
 * be told any more.
 */
export type Answer = 'push' | 'part' | 'last' | 'lost';

const MESSAGES = new Set(['message', 'pmessage', 'smessage']);
/** What MONITOR shows begins with the time in seconds. */
const MONITORED = /^\d{9,}\.\d+/;
/** Sent by the server of its own accord when a slot moves away. */
const SLOT_MOVED = 'sunsubscribe';
/** Carried out between MULTI and EXEC, and not queued. */
const AT_ONCE: ReadonlySet<Role | undefined> = new Set([
  'multi',
  'exec',
  'discard',
  'reset',
  'quit',
  'watch',
]);
/** With an argument they are refused, and change nothing. */
const ALONE: ReadonlySet<Role | undefined> = new Set(['multi', 'exec', 'discard', 'reset']);

/**
 * What client and server are at, as both can know it from the bytes alone: protocol version, MULTI, subscriptions, and
 * how many replies each command gets.
 */
export class Conversation {
  /** The version that replies are written in now. */
  version: ProtocolVersion = 2;
  /** It has turned into something that is not answered request by request. */
  transparent = false;
  #multi: Exchange | undefined;
  /** What the transaction holds turns replies off in the midst of EXEC's own. */
  #silencing = false;
  #replies: 'on' | 'off' | 'skip' | 'over' = 'on';
  #channels = 0;
  #patterns = 0;
  #shards = 0;
  #monitoring = false;

  /** Between a MULTI that was sent and its EXEC or DISCARD. */
  get inMulti(): boolean {
    return this.#multi !== undefined;
  }

  /** Whether what comes next is answered at all. */
  get answers(): boolean {
    return this.#replies === 'on';
  }

  /** Whether the server runs what comes next at once, and says how it went. */
  get answersAtOnce(): boolean {
    return this.#replies === 'on' && this.#multi === undefined;
  }

  /** Whether what is published reaches this connection. */
  get subscribed(): boolean {
    return this.#channels + this.#patterns + this.#shards > 0;
  }

  /** Whether a value that is no push answers a command, whatever it holds. */
  get onlyAnswers(): boolean {
    return !this.#monitoring && (this.version === 3 || !this.subscribed);
  }

  /** A whole command was sent to the server. */
  sent(given: Arguments): Exchange {
    const { command } = given;
    const { role } = command;
    if (this.#multi && !AT_ONCE.has(role)) return this.#queued(given);
    if (ALONE.has(role) && given.argc > 1) return this.#answered({ command, left: 1 });
    const exchange = exchangeOf(given);
    switch (role) {
      case 'multi': {
        const answered = this.#answered(exchange);
        if (!this.#multi) this.#silencing = false;
        this.#multi ??= answered;
        return answered;
      }
      case 'exec':
      case 'discard':
        if (role === 'exec' && this.#multi && this.#silencing) this.transparent = true;
        this.#multi = undefined;
        break;
      case 'reset':
        this.#multi = undefined;
        this.#replies = 'on';
        break;
      case 'hello':
        if (!this.answers) this.version = exchange.version ?? this.version;
        break;
      case 'quit': {
        const answered = this.#answered(exchange);
        this.#replies = 'over';
        return answered;
      }
      case 'client':
        if (given.word(1) === 'REPLY') return this.#sentReplyMode(exchange, given.word(2));
        break;
      case 'script':
        // The script debugger takes the connection over.
        if (given.word(1) === 'DEBUG' && given.word(2) !== 'NO') this.transparent = true;
        break;
      case 'transparent':
        this.transparent = true;
        break;
      default:
    }
    return this.#answered(exchange);
  }

  /** A whole top-level value has come; `head` is the oldest exchange that is owed something. */
  received(reply: ReplyFramer, head: Exchange | undefined): Answer {
    if (head?.confirmedBy !== undefined && isConfirmation(reply, head.confirmedBy)) {
      const own = this.#subscribed(head.confirmedBy, reply.integer);
      head.left = head.left === Infinity && own === 0 ? 0 : head.left - 1;
      return head.left <= 0 ? 'last' : 'part';
    }
    if (reply.isPush || this.#isMessage(reply)) {
      if (isConfirmation(reply, SLOT_MOVED)) this.#shards = reply.integer;
      return 'push';
    }
    if (head?.quiet) return 'lost';
    if (head) this.#succeeded(head, reply.isError);
    return 'last';
  }

  #queued(given: Arguments): Exchange {
    const { command } = given;
    if (command.role === 'client' && given.word(1) === 'REPLY') this.#silencing = true;
    const { blocking: _, ...result } = exchangeOf(given);
    return this.#answered({ command, left: 1, result });
  }

  #sentReplyMode(exchange: Exchange, mode: string): Exchange {
    if (this.#replies === 'over') return { ...exchange, left: 0 };
    if (mode === 'ON') this.#replies = 'on';
    else if (mode === 'OFF') this.#replies = 'off';
    else if (mode === 'SKIP') {
      if (this.#replies === 'on') this.#replies = 'skip';
      return { ...exchange, left: 0 };
    }
    return this.#answered(exchange);
  }

  /** What of its answers comes while replies are off; confirmations always do. */
  #answered(exchange: Exchange): Exchange {
    if (this.#replies === 'on') return exchange;
    const over = this.#replies === 'over';
    if (this.#replies === 'skip') this.#replies = 'on';
    return exchange.confirmedBy && !over ? { ...exchange, quiet: true } : { ...exchange, left: 0 };
  }

  /** In RESP2 what is published comes as a plain array, and what is monitored is a status in both versions. */
  #isMessage(reply: ReplyFramer): boolean {
    if (this.#monitoring && reply.type === STATUS) return MONITORED.test(reply.text);
    if (reply.size < 3 || this.version === 3 || !this.subscribed) return false;
    return MESSAGES.has(reply.text) || isConfirmation(reply, SLOT_MOVED);
  }

  /** Takes over the count of a confirmation; answers how many subscriptions of its kind are left. */
  #subscribed(kind: string, count: number): number {
    if (kind.startsWith('s') && kind !== 'subscribe') {
      this.#shards = count;
      return count;
    }
    if (kind.startsWith('p')) this.#patterns = Math.max(0, count - this.#channels);
    else this.#channels = Math.max(0, count - this.#patterns);
    return kind.startsWith('p') ? this.#patterns : this.#channels;
  }

  #succeeded(head: Exchange, isError: boolean): void {
    if (isError) {
      if (head === this.#multi) this.#multi = undefined;
      return;
    }
    const { role } = head.command;
    if (head.result === undefined && role === 'monitor') this.#monitoring = true;
    if (head.version === undefined) return;
    this.version = head.version;
    if (role !== 'reset') return;
    this.#channels = 0;
    this.#patterns = 0;
    this.#shards = 0;
    this.#monitoring = false;
  }
}

function isConfirmation(reply: ReplyFramer, kind: string): boolean {
  return reply.size === 3 && !reply.isError && reply.text === kind;
}
