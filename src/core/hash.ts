/**
 * A number in [0, 1) that depends only on its inputs, spread evenly.
 * FNV-1a over the parts (with a separator that cannot occur in them), finished by the mixer of MurmurHash3 (fmix32),
 * whose avalanche FNV-1a alone lacks in its high bits.
 */
export function seededUnit(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = String(part);
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
