/** Why no answer came, in words without a name, an address or a path. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the upstream refused the connection',
  ECONNRESET: 'the upstream closed the connection before it answered',
  EPIPE: 'the upstream closed the connection before it answered',
  ENOTFOUND: "the upstream's name cannot be resolved",
  EAI_AGAIN: "the upstream's name cannot be resolved now",
  ETIMEDOUT: 'the connection to the upstream timed out',
  EHOSTUNREACH: 'the upstream cannot be reached',
  ENETUNREACH: 'the upstream cannot be reached',
};

/** The body of the 502 that a client gets when the upstream gives no answer. */
export function unreachableReason(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  return `Bad gateway: ${REASONS[code] ?? otherReason(code)} (${code}).\n`;
}

function otherReason(code: string): string {
  if (code === 'HPE_HEADER_OVERFLOW') return "the head of the upstream's answer is too long";
  if (code.startsWith('HPE_')) return 'the upstream answered with something that is not HTTP';
  if (/CERT|SELF_SIGNED|ALTNAME/.test(code)) return "the upstream's certificate does not verify";
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'the upstream does not speak TLS as asked';
  return 'the upstream could not be asked';
}
