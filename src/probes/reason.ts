/** A failure whose sentence is ours: it holds no content, key or address. */
export class ProbeFailure extends Error {}

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed while sending',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name could not be looked up',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connecting timed out',
  EADDRNOTAVAIL: 'no local port free to connect from',
  EMFILE: 'too many open files in this process',
  ERR_INVALID_URL: 'the url is not valid',
  UND_ERR_SOCKET: 'connection closed before the answer was whole',
  UND_ERR_CONNECT_TIMEOUT: 'connecting timed out',
  ENOENT: 'the program was not found',
  EACCES: 'permission denied',
};

/**
 * Why a measurement failed, in words that are safe to keep. A library's own message is never passed on: it may quote the
 * address with its password, the statement or a stored value.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof ProbeFailure) return error.message;
  const code = codeOf(error);
  if (code === undefined) return 'the measurement failed';
  return NETWORK[code] ?? `failed with ${code}`;
}

function codeOf(error: unknown): string | undefined {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 4;
    current = current.cause, depth++
  ) {
    const code = (current as NodeJS.ErrnoException).code;
    // A code is upper case by custom; anything else might be text from outside.
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code)) {
      const inner = code === 'UND_ERR_SOCKET' ? codeOf(current.cause) : undefined;
      return inner ?? code;
    }
  }
  return undefined;
}
