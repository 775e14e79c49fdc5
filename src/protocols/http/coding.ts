type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The coding of a body, in lower case: `gzip`, or `identity` where it has none. */
export function codingOf(headers: Headers): string {
  return String(headers['content-encoding'] ?? 'identity').toLowerCase();
}

/** Whether a body has to be decoded before it can be read. */
export function isCompressed(headers: Headers): boolean {
  return codingOf(headers) !== 'identity';
}
