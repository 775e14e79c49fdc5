/** Bytes of a request in JSON to a token of its prompt, about: four of English text, of which the JSON around it takes some. */
const BYTES_PER_TOKEN = 4;

/** Tokens of a request by its length alone; 0 where its headers do not tell it. */
export function estimateTokens(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): number {
  const length = Number(headers['content-length'] ?? 0);
  return Number.isFinite(length) ? Math.ceil(length / BYTES_PER_TOKEN) : 0;
}
