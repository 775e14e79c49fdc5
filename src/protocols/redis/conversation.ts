import type { Command } from './commands.ts';
import { type Arguments, isBlocking } from './keys.ts';
import type { ReplyFramer } from './replies.ts';

export type ProtocolVersion = 2 | 3;

/** A command that was sent, and what the server still owes for it. */
export interface Exchange {
  readonly command: Command;
  /** Replies to come; 0 for one that is never answered. Infinity: until the last subscription of its kind is gone. */
  left: number;
  /** Kind of the confirmations that answer it, in place of replies; an error answers it too. */
  readonly confirmedBy: string | undefined;
  /** It may wait for as long as the client likes. */
  readonly blocking: boolean;
  /** Queued between MULTI and EXEC. */
  readonly queued: boolean;
  /** The version in use once it has succeeded. */
  readonly version: ProtocolVersion | undefined;
}

/** What a top-level value from the server is: nobody's answer, one of several, or the last that was owed. */
export type Answer = 'push' | 'part' | 'last';

const MESSAGES = new Set(['message', 'pmessage', 'smessage']);
/** Roles that change what is answered, so that queueing them changes what EXEC answers. */
const CHANGING = new Set(['multi', 'hello', 'subscribe', 'unsubscribe', 'script', 'client']);

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
  #replies: 'on' | 'off' | 'skip' = 'on';
  #channels = 0;
  #patterns = 0;
  #shards = 0;

  /** Between a MULTI that was sent and its EXEC or DISCARD. */
  get inMulti(): boolean {
    return this.#multi !== undefined;
  }

  /** Whether what comes next is answered at all. */
  get answers(): boolean {
    return this.#replies === 'on';
  }

  /** A whole command was sent to the server. */
  sent(given: Arguments): Exchange {
    const { command } = given;
    const { role } = command;
    if (role === undefined) return this.#exchange(command, command.blocks && isBlocking(given));
    if (this.#multi && CHANGING.has(role)) return this.#sentInMulti(command, given);
    switch (role) {
      case 'multi': {
        const exchange = this.#exchange(command);
        this.#multi = exchange;
        return exchange;
      }
      case 'exec':
      case 'discard':
        this.#multi = undefined;
        return this.#exchange(command);
      case 'reset':
        this.#multi = undefined;
        this.#replies = 'on';
        return this.#exchange(command, false, { version: 2 });
      case 'hello': {
        const version = Number(given.word(1));
        return this.#exchange(command, false, version === 2 || version === 3 ? { version } : {});
      }
      case 'subscribe':
        // Confirmations come although replies are off.
        if (!this.answers) this.transparent = true;
        return this.#exchange(command, false, { left: given.argc - 1, confirmedBy: command.name });
      case 'unsubscribe': {
        if (!this.answers) this.transparent = true;
        const left = given.argc > 1 ? given.argc - 1 : Infinity;
        return this.#exchange(command, false, { left, confirmedBy: command.name });
      }
      case 'client':
        return this.#sentClient(command, given);
      case 'script':
        // The script debugger takes the connection over.
        if (given.word(1) === 'DEBUG' && given.word(2) !== 'NO') this.transparent = true;
        return this.#exchange(command);
      case 'transparent':
        this.transparent = true;
        return this.#exchange(command);
    }
  }

  /** A whole top-level value has come; `head` is the oldest exchange that is owed something. */
  received(reply: ReplyFramer, head: Exchange | undefined): Answer {
    const confirmation = head?.confirmedBy !== undefined && this.#isConfirmation(reply, head.confirmedBy);
    if (!confirmation) {
      if (reply.isPush || this.#isMessage(reply)) return 'push';
      if (head) this.#answered(reply, head);
      return 'last';
    }
    const own = this.#subscribed(head.confirmedBy, reply.integer);
    head.left = head.left === Infinity && own === 0 ? 0 : head.left - 1;
    return head.left <= 0 ? 'last' : 'part';
  }

  #sentInMulti(command: Command, given: Arguments): Exchange {
    const { role } = command;
    const word = given.word(1);
    // These change what is answered when EXEC runs them; the replies to come cannot be told any more.
    const opaque =
      role === 'client' ? word === 'REPLY' : role === 'script' ? word === 'DEBUG' : role !== 'multi';
    if (opaque) this.transparent = true;
    return this.#exchange(command);
  }

  #sentClient(command: Command, given: Arguments): Exchange {
    if (given.word(1) !== 'REPLY') return this.#exchange(command);
    const mode = given.word(2);
    if (mode === 'ON') this.#replies = 'on';
    else if (mode === 'OFF') {
      this.#replies = 'off';
      return this.#exchange(command, false, { left: 0 });
    } else if (mode === 'SKIP' && this.#replies === 'on') {
      this.#replies = 'skip';
      return { ...unanswered(command), left: 0 };
    }
    return this.#exchange(command);
  }

  #exchange(
    command: Command,
    blocking = false,
    more: { left?: number; confirmedBy?: string; version?: ProtocolVersion } = {},
  ): Exchange {
    const silent = this.#replies !== 'on';
    if (this.#replies === 'skip') this.#replies = 'on';
    return {
      command,
      left: silent ? 0 : (more.left ?? 1),
      confirmedBy: more.confirmedBy?.toLowerCase(),
      blocking: blocking && !this.#multi,
      queued: this.#multi !== undefined,
      version: more.version,
    };
  }

  #isConfirmation(reply: ReplyFramer, kind: string): boolean {
    return reply.size === 3 && !reply.isError && reply.text === kind;
  }

  /** In RESP2 what is published comes as a plain array, and only to a connection that has subscribed. */
  #isMessage(reply: ReplyFramer): boolean {
    return reply.size >= 3 && this.#channels + this.#patterns + this.#shards > 0 && MESSAGES.has(reply.text);
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

  #answered(reply: ReplyFramer, head: Exchange): void {
    head.left = 0;
    if (reply.isError) {
      if (head === this.#multi) this.#multi = undefined;
      return;
    }
    if (head.version === undefined) return;
    this.version = head.version;
    if (head.command.role === 'reset') {
      this.#channels = 0;
      this.#patterns = 0;
      this.#shards = 0;
    }
  }
}

function unanswered(command: Command): Exchange {
  return { command, left: 0, confirmedBy: undefined, blocking: false, queued: false, version: undefined };
}
