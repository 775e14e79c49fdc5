import { endOfText } from './messages.ts';

/** Longest start-up packet that a server reads. */
export const LONGEST_STARTUP = 10_000;

const SSL_REQUEST = 80877103;
const GSSENC_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

/** Bytes of a request for encryption: its length and its code. */
export const ENCRYPTION_REQUEST_BYTES = 8;

/** Answers to a request for encryption: one byte, which is no message. */
export const ENCRYPTION_ANSWER = { tls: Buffer.from('S'), none: Buffer.from('N') } as const;

export type StartupPacket =
  | { readonly kind: 'startup'; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: 'encryption'; readonly by: 'tls' | 'gss' }
  | { readonly kind: 'cancel' | 'unknown' };

/** Asks a server for TLS, before anything else is sent. */
export function sslRequest(): Buffer {
  const packet = Buffer.alloc(ENCRYPTION_REQUEST_BYTES);
  packet.writeInt32BE(ENCRYPTION_REQUEST_BYTES, 0);
  packet.writeInt32BE(SSL_REQUEST, 4);
  return packet;
}

/** A start-up packet's body: a code and what goes with it. */
export function readStartup(bytes: Buffer, start: number, length: number): StartupPacket {
  const end = start + length;
  const code = bytes.readInt32BE(start);
  if (code === SSL_REQUEST) return { kind: 'encryption', by: 'tls' };
  if (code === GSSENC_REQUEST) return { kind: 'encryption', by: 'gss' };
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
