import type { CanaryProof } from '../../core/journal.ts';
import type { FaultDriver } from '../../core/ports.ts';
import { isHttp, type ProxyDeclaration } from '../../core/protocol.ts';
import { type CanaryTarget, targetOf } from './dial.ts';
import { CANARIES } from './kinds.ts';
import { freePort } from './port.ts';

/** Codes of a connection that came to nothing: no server of the protocol was there to answer. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'closed',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'error',
]);

/** Whom a canary is announced to, where it can be. */
export type CanaryHost = Pick<FaultDriver, 'expectCanary'>;

/** A port that was free may be taken before the canary has it. */
const PORTS_TRIED = 3;

/**
 * Sends the same canary through a proxy and straight to its upstream at the same moment.
 * @param declaration with the address that was really taken as `listen`
 * @param host the data plane, which does not count what was announced to it
 */
export async function sendCanary(
  declaration: ProxyDeclaration,
  host: CanaryHost = {},
  timeoutMs = 2000,
): Promise<CanaryProof> {
  const canary = CANARIES[declaration.protocol];
  let localPort = await announced(declaration, host);
  const askThrough = () => canary.ask(throughTarget(declaration, localPort), timeoutMs);
  let [through, direct] = await Promise.all([askThrough(), canary.ask(directTarget(declaration), timeoutMs)]);
  for (let tried = 1; through === 'EADDRINUSE' && tried < PORTS_TRIED; tried++) {
    localPort = await announced(declaration, host);
    through = await askThrough();
  }
  return {
    proxy: declaration.name,
    canary: canary.sent,
    through,
    direct,
    same: answersAlike(declaration, through, direct),
  };
}

/** Whether no server answered straight at the upstream's address. */
export function upstreamUnreachable(proof: CanaryProof): boolean {
  return isUnreachable(proof.direct);
}

/**
 * Whether the proxy is as good as absent. A dead upstream is no fault of the proxy: then the proxy must take the
 * connection and fail it as a proxy does, by closing it or with a gateway's status.
 */
export function answersAlike(declaration: ProxyDeclaration, through: string, direct: string): boolean {
  const { classOf = (kind: string) => kind, answersItself } = CANARIES[declaration.protocol];
  if (isUnreachable(direct)) {
    if (through === 'ECONNREFUSED') return false;
    return isUnreachable(through) || (isHttp(declaration.protocol) && /^50[234]$/.test(through));
  }
  const own = declaration.tls && answersItself?.(declaration.tls);
  if (own !== undefined) return through === own;
  return classOf(through) === classOf(direct);
}

function isUnreachable(kind: string): boolean {
  return UNREACHABLE.has(kind) || /^(ERR_|CERT_|DEPTH_|SELF_|UNABLE_)/.test(kind);
}

/** The port that the canary is to come from; any where nobody is told, or can be reached. */
async function announced({ name }: ProxyDeclaration, host: CanaryHost): Promise<number | undefined> {
  if (!host.expectCanary) return undefined;
  try {
    const port = await freePort();
    await host.expectCanary(name, port);
    return port;
  } catch {
    // To be counted is the lesser evil: a proof that nothing is left must not fail for that.
    return undefined;
  }
}

function throughTarget(declaration: ProxyDeclaration, localPort: number | undefined): CanaryTarget {
  // Our own listener: what matters is what comes back, not who vouches for its certificate.
  const target = targetOf(declaration.listen, declaration.tls?.listen && { verify: false });
  return { ...target, path: '/', proxied: true, ...(localPort === undefined ? {} : { localPort }) };
}

/** Why the upstream's certificate is not trusted, where that is why it cannot be asked. */
export function untrusted(proof: CanaryProof): string | undefined {
  return /^(CERT_|DEPTH_|SELF_|UNABLE_|ERR_TLS_CERT)/.test(proof.direct) ? proof.direct : undefined;
}

function directTarget(declaration: ProxyDeclaration): CanaryTarget {
  const { tls } = declaration;
  const mode = tls?.upstream ?? 'off';
  const secure = mode === 'off' ? undefined : { verify: mode === 'verify', ca: tls?.ca };
  return targetOf(declaration.upstream, secure);
}
