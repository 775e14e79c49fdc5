import { type SecureContext, TLSSocket } from 'node:tls';
import type { Side } from '../link-end.ts';
import type { Negotiation, Secure } from './contract.ts';

/** Ends the client's TLS here, by this certificate. */
export function clientSecurity(secureContext: SecureContext): Secure {
  return (side, done) => encrypt(side, { secureContext }, done);
}

/** The same where a client asks for TLS: without a certificate it is told that there is none. */
export function negotiatedSecurity(
  secureContext: SecureContext | undefined,
  { listen, alpn }: Negotiation,
): Secure {
  return (side, done) =>
    listen(side, secureContext !== undefined, (asked) => {
      if (asked === 'tls' && secureContext) encrypt(side, { secureContext, ALPNProtocols: [...alpn] }, done);
      else done(side);
    });
}

function encrypt(
  side: Side,
  options: { readonly secureContext: SecureContext; readonly ALPNProtocols?: string[] },
  done: (secured: Side) => void,
): void {
  const secured = new TLSSocket(side, { isServer: true, ...options });
  // What the client does wrong it is told by TLS itself, and its connection ends.
  const failed = () => side.destroy();
  secured.once('error', failed);
  secured.once('end', failed);
  secured.once('secure', () => {
    secured.off('error', failed);
    secured.off('end', failed);
    done(onWire(secured, side));
  });
}

/** TLS and what carries it close together, and it is the carrier that is reset. */
export function onWire(secured: TLSSocket, carrier: Side): Side {
  secured.resetAndDestroy = () => {
    carrier.resetAndDestroy();
    return secured;
  };
  // What was written under TLS may still be on its way.
  secured.once('close', () => carrier.destroySoon());
  carrier.once('close', () => secured.destroy());
  return secured;
}
