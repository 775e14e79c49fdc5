import type { Arguments } from '../../protocols/redis/keys.ts';
import { type Digest, Digester } from '../clients/digest.ts';

/** Of a command so many arguments are enough to know it again, and of each so many bytes. */
const ARGUMENTS = 8;
const BYTES = 256;
/** Up to so many bytes it is faster to take them in one by one. */
const SHORT = 24;

const digester = new Digester();

/** What a command is known by, until the next is asked for. */
export function digestOf(given: Arguments): Digest {
  digester.begin().number(given.argc);
  for (let index = 0; index < Math.min(given.argc, ARGUMENTS); index++) {
    const argument = given.argument(index);
    if (!argument) break;
    const seen = argument.length > BYTES ? argument.subarray(0, BYTES) : argument;
    digester.number(seen.length);
    if (seen.length > SHORT) digester.bytes(seen);
    else for (let at = 0; at < seen.length; at++) digester.number(seen[at]!);
  }
  return digester;
}
