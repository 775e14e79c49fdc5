import { type Digest, Digester } from '../clients/digest.ts';

/** Statements that every client sends, whatever it is after: to know them again tells nothing. */
const COMMON =
  /^\s*(?:abort|begin|commit|deallocate|discard|end|release|reset|rollback|savepoint|set|show|start)\b/i;
const LONGEST_COMMON = 16;

const digester = new Digester();

/** What a statement is known by, from its text as far as that was read, and its length; undefined where nobody should. */
export function digestOfSql(bytes: Buffer, start: number, end: number, length: number): Digest | undefined {
  if (COMMON.test(bytes.toString('latin1', start, Math.min(end, start + LONGEST_COMMON)))) return undefined;
  return taken(digester.begin().number(length).bytes(bytes.subarray(start, end)));
}

/** What it is known by with its parameters. */
export function digestOfParameters(
  { half, proof }: Digest,
  bytes: Buffer,
  start: number,
  end: number,
  length: number,
): Digest {
  digester.begin().number(half).number(proof).number(length);
  return taken(start < end ? digester.bytes(bytes.subarray(start, end)) : digester);
}

function taken({ half, proof }: Digest): Digest {
  return { half, proof };
}
