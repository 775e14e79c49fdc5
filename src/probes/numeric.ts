/** A reply as a number where it is one: numbers, numeric text, `true` as 1 and `false` as 0; else undefined. */
export function numberOf(reply: unknown): number | undefined {
  if (typeof reply === 'boolean') return reply ? 1 : 0;
  if (typeof reply === 'bigint') return Number(reply);
  if (Buffer.isBuffer(reply)) return numberOf(reply.toString());
  if (typeof reply === 'string' && reply.trim() === '') return undefined;
  if (typeof reply !== 'number' && typeof reply !== 'string') return undefined;
  const value = Number(reply);
  return Number.isNaN(value) ? undefined : value;
}
