import fc from 'fast-check';

/** Ways to cut the same bytes: whole, byte by byte, and at random places. */
export function cuts(bytes: Buffer): fc.Arbitrary<readonly Buffer[]> {
  const random = fc
    .array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 })
    .map((places) => cutAt(bytes, places));
  return fc.oneof(fc.constant([bytes]), fc.constant(byteByByte(bytes)), random);
}

export function byteByByte(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from([byte]));
}

export function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const sorted = [...new Set([0, ...places, bytes.length])].sort((left, right) => left - right);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

/** The chunk as a socket hands it out: its memory is used again as soon as it was read. */
export function lent<T>(chunk: Buffer, read: (chunk: Buffer) => T): T {
  const copy = Buffer.from(chunk);
  const answer = read(copy);
  copy.fill(0x7f);
  return answer;
}
