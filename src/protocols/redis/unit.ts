import type { ProtocolVersion } from './exchange.ts';
import type { Arguments } from './keys.ts';

/** A command, as faults see it. */
export interface RedisUnit {
  /** The command as it was given. Arguments beyond the first 256, and the far end of long ones, are not seen. */
  readonly given: Arguments;
  /** What replies are written in. */
  readonly version: ProtocolVersion;
}

/** What a command is answered with in the server's place. */
export type RedisReply =
  /** An error, as its whole line without `-`. In MULTI the transaction is aborted with it, as Redis would. */
  | { readonly error: string }
  /** A value of its own, as bytes. In MULTI it takes the place of the command's result in the answer to EXEC. */
  | { readonly value: Buffer }
  /** Some items of the array that the server answers, by their number from 0; in MULTI, of its part of EXEC's answer. */
  | { readonly items: ReadonlyMap<number, Buffer> };

/** Commands that clients send of their own accord when they connect. */
const HANDSHAKES = new Set([
  'AUTH',
  'HELLO',
  'INFO',
  'READONLY',
  'SELECT',
  'CLIENT SETINFO',
  'CLIENT SETNAME',
]);

/** Whether it is part of a client's handshake, which faults leave alone unless they name it. */
export function isHandshake(given: Arguments): boolean {
  const { name, container, does } = given.command;
  if (does !== 'other') return false;
  return HANDSHAKES.has(container ? `${name} ${given.word(1)}` : name);
}

/** What a `match` on commands is held against: `GET`; of one with subcommands both `CLIENT` and `CLIENT KILL`. */
export function namesOf(given: Arguments): string | readonly string[] {
  const { name, container } = given.command;
  if (name === '') return given.word(0);
  return container ? [name, `${name} ${given.word(1)}`] : name;
}
