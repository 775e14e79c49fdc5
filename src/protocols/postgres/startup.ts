import { endOfText } from './messages.ts';

/** Longest start-up packet that a server reads. */
export const LONGEST_STARTUP = 10_000;

const SSL_REQUEST = 80877103;
const GSSENC_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

/** First byte of a TLS record: a client that starts TLS without asking (since PostgreSQL 17). */
export const TLS_RECORD = 0x16;

export type StartupPacket =
  | { readonly kind: 'startup'; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: 'encryption' | 'cancel' | 'unknown' };

/** A start-up packet's body: a code and what goes with it. */
export function readStartup(bytes: Buffer, start: number, length: number): StartupPacket {
  const end = start + length;
  const code = bytes.readInt32BE(start);
  if (code === SSL_REQUEST || code === GSSENC_REQUEST) return { kind: 'encryption' };
  if (code === CANCEL_REQUEST) return { kind: 'cancel' };
  if (code >>> 16 !== 3) return { kind: 'unknown' };
  const parameters = new Map<string, string>();
  for (let at = start + 4; at < end && bytes[at] !== 0; ) {
    const nameEnd = endOfText(bytes, at, end);
    const valueEnd = endOfText(bytes, nameEnd + 1, end);
    parameters.set(bytes.toString('utf8', at, nameEnd), bytes.toString('utf8', nameEnd + 1, valueEnd));
    at = valueEnd + 1;
  }
  return { kind: 'startup', parameters };
}
