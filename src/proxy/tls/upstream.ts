import { isIP, type Socket } from 'node:net';
import { connect } from 'node:tls';
import type { Side } from '../link-end.ts';
import { onWire } from './client.ts';
import type { Negotiation, Secure } from './contract.ts';

export interface UpstreamSecurity {
  /** Name that the certificate must bear. */
  readonly host: () => string;
  readonly verify: boolean;
  /** Certificates to trust in place of the system's. */
  readonly ca: Buffer | undefined;
  readonly negotiation: Negotiation | undefined;
  /** Why a connection could not be secured, or nothing where one was. */
  readonly outcome: (failure?: { readonly code: UpstreamFailure; readonly reason: string }) => void;
}

export type UpstreamFailure = 'UPSTREAM_NOT_TLS' | 'UPSTREAM_CERTIFICATE';

/** Speaks TLS to the upstream. */
export function upstreamSecurity(options: UpstreamSecurity): Secure {
  const { negotiation } = options;
  return (side, done) => {
    if (!negotiation) {
      encrypt(side, options, done);
      return;
    }
    const failed = (error: NodeJS.ErrnoException) => options.outcome(failureOf(error));
    side.once('error', failed);
    negotiation.ask(side, (refusal) => {
      side.off('error', failed);
      if (refusal === undefined) encrypt(side, options, done);
      else {
        options.outcome({ code: 'UPSTREAM_NOT_TLS', reason: refusal });
        side.destroy();
      }
    });
  };
}

function encrypt(
  side: Side,
  { host, verify, ca, negotiation, outcome }: UpstreamSecurity,
  done: (secured: Side) => void,
): void {
  const name = host();
  const secured = connect({
    socket: side as Socket,
    host: name,
    // An address is not a name that a server can be asked for.
    ...(isIP(name) ? {} : { servername: name }),
    rejectUnauthorized: verify,
    ...(ca ? { ca } : {}),
    ...(negotiation ? { ALPNProtocols: [...negotiation.alpn] } : {}),
  });
  const failed = (error: NodeJS.ErrnoException) => {
    // Where its client has left first, the upstream failed nobody.
    if (!side.writableEnded) outcome(failureOf(error));
    side.destroy();
  };
  secured.once('error', failed);
  secured.once('secureConnect', () => {
    secured.off('error', failed);
    outcome();
    done(onWire(secured, side));
  });
}

function failureOf(error: NodeJS.ErrnoException & { readonly reason?: string }) {
  const { code = '', message, reason = message } = error;
  if (/^(CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_|HOSTNAME_|ERR_TLS_CERT)/.test(code)) {
    return { code: 'UPSTREAM_CERTIFICATE', reason: message } as const;
  }
  return { code: 'UPSTREAM_NOT_TLS', reason: IN_WORDS[code] ?? reason } as const;
}

const IN_WORDS: Readonly<Record<string, string>> = {
  ECONNRESET: 'it closed the connection',
  ETIMEDOUT: 'it does not answer',
};
