/** Bytes of a request in JSON to a token of its prompt, about: four of English text, of which the JSON around it takes some. */
const BYTES_PER_TOKEN = 4;

/** Tokens of a request by the length of its body alone. */
export function estimateTokens(bodyBytes: number): number {
  return Math.ceil(bodyBytes / BYTES_PER_TOKEN);
}
