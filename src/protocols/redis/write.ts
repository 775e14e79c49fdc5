import type { ProtocolVersion } from './exchange.ts';

/** An error reply; `line` is the whole of it without `-`: its code, a blank, its text. */
export function errorReply(line: string): Buffer {
  return Buffer.from(`-${line}\r\n`);
}

/** "Nothing there" for a single value. */
export function nilReply(version: ProtocolVersion): string {
  return version === 3 ? '_\r\n' : '$-1\r\n';
}

/** "Nothing there" where an array would have come. */
export function nilArrayReply(version: ProtocolVersion): string {
  return version === 3 ? '_\r\n' : '*-1\r\n';
}

/** An array of `count` times the same item. */
export function repeated(count: number, item: string): string {
  return `*${count}\r\n${item.repeat(count)}`;
}

/** A request as clients send it. */
export function request(...words: readonly string[]): Buffer {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${bulks.join('')}`);
}

/** Code of an error, for counting: its first word where that is a code, else what Redis calls any other error. */
export function errorCode(line: string): string {
  return /^[A-Z]{1,24}(?=\s|$)/.exec(line)?.[0] ?? 'ERR';
}
