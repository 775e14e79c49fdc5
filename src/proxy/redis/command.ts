import { commandOf, UNKNOWN } from '../../protocols/redis/commands.ts';
import type { ProtocolVersion } from '../../protocols/redis/exchange.ts';
import type { Arguments } from '../../protocols/redis/keys.ts';
import type { RedisReply, RedisUnit } from '../../protocols/redis/unit.ts';
import type { Outcome } from '../messages/judge.ts';

/** How a command goes on. */
export type Verdict = Outcome<RedisReply>;

export const FORWARD: Verdict = { do: 'forward' };

/** A command on its way through the judgement of faults. */
export class JudgedCommand implements RedisUnit {
  readonly version: ProtocolVersion;
  /** When it came, in ms of the clock. */
  readonly since: number;
  given: Arguments;
  /** It counts as a unit; a handshake that no fault names does not. */
  counted = true;
  /** A fault acted on it. */
  injected = false;
  /** Undefined while a fault holds it. */
  verdict: Verdict | undefined;
  /** What to call when the connection ends before the verdict. */
  abandon: (() => void) | undefined;
  /** No command at all but an empty line or array, which gets no answer. */
  empty = false;
  /** Its bytes, where they wait. */
  pieces: Buffer[] = [];

  constructor(given: Arguments, since: number, version: ProtocolVersion) {
    this.given = given;
    this.since = since;
    this.version = version;
  }

  /** Makes its arguments outlive the walk over requests. */
  keep(): void {
    const { argc } = this.given;
    const kept: Buffer[] = [];
    for (let index = 0; index < argc; index++) {
      const argument = this.given.argument(index);
      if (!argument) break;
      kept.push(argument);
    }
    this.given = argumentsOf(kept, argc);
  }
}

export function argumentsOf(list: readonly Buffer[], argc: number = list.length): Arguments {
  return {
    argc,
    command: list[0] ? commandOf(list[0]) : UNKNOWN,
    argument: (index) => list[index],
    text: (index) => list[index]?.toString(),
    word: (index) => list[index]?.toString('latin1').toUpperCase() ?? '',
  };
}
