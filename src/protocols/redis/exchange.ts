import { type Command, UNKNOWN } from './commands.ts';
import { type Arguments, isBlocking } from './keys.ts';
import { tellsAddresses } from './node-replies.ts';

export type ProtocolVersion = 2 | 3;

/** A command that was sent, and what the server still owes for it. */
export interface Exchange {
  readonly command: Command;
  /** Replies to come; 0 for one that is never answered. Infinity: until the last subscription of its kind is gone. */
  left: number;
  /** Kind of the confirmations that answer it, in place of replies; an error answers it too. */
  readonly confirmedBy?: string;
  /** Replies are off, so that of its confirmations and its error only the former come. */
  readonly quiet?: true;
  /** It may wait for as long as the client likes. */
  readonly blocking?: boolean;
  /** Queued between MULTI and EXEC: what answers it when EXEC runs it. */
  readonly result?: Exchange;
  /** The version in use once it has succeeded. */
  readonly version?: ProtocolVersion;
  /** Its answer carries addresses of nodes. */
  readonly tells?: boolean;
}

/** One of an ordinary command. */
export const ORDINARY: Exchange = { command: UNKNOWN, left: 1 };

/** What answers a command, wherever it is run. */
export function exchangeOf(given: Arguments): Exchange {
  const { command, argc } = given;
  if (command.ordinary) return { command, left: 1 };
  switch (command.role) {
    case 'hello': {
      const version = Number(given.word(1));
      return version === 2 || version === 3 ? { command, left: 1, version } : { command, left: 1 };
    }
    case 'reset':
      return { command, left: 1, version: 2 };
    case 'subscribe':
      // Without a channel it is an error.
      return { command, left: Math.max(1, argc - 1), confirmedBy: command.name.toLowerCase() };
    case 'unsubscribe':
      return { command, left: argc > 1 ? argc - 1 : Infinity, confirmedBy: command.name.toLowerCase() };
    default:
      return { command, left: 1, blocking: isBlocking(given), tells: tellsAddresses(given) };
  }
}
