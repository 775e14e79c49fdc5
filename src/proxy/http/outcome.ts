import type http from 'node:http';
import type { Duplex } from 'node:stream';
import type httpProxy from 'http-proxy';
import { sendInformation } from './answer-head.ts';
import { type Forwarding, sendUpstream } from './upstream.ts';

/** What came of asking the upstream. */
export type Outcome =
  | {
      readonly kind: 'answered';
      readonly message: http.IncomingMessage;
      /** Stops the upstream, if it is still at work. */
      cancel(): void;
    }
  | {
      readonly kind: 'switched';
      readonly message: http.IncomingMessage;
      readonly socket: Duplex;
      readonly head: Buffer;
    }
  | { readonly kind: 'failed'; readonly error: Error };

interface Asking {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly forwarding: Forwarding;
  /** Cancels the upstream's request at once, at any stage. */
  readonly gone: AbortSignal;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Sends the request upstream; settles on its head. Never rejects. */
export function ask(proxy: httpProxy, asking: Asking, onContinue: () => void): Promise<Outcome> {
  const { request, response, forwarding, gone } = asking;
  return new Promise((resolve) => {
    const outgoing = sendUpstream(proxy, request, response, forwarding);
    const cancel = () => {
      gone.removeEventListener('abort', cancel);
      outgoing.destroy();
    };
    gone.addEventListener('abort', cancel);
    outgoing.once('close', () => gone.removeEventListener('abort', cancel));

    outgoing.on('continue', onContinue);
    outgoing.on('information', (info) => {
      if (info.statusCode !== 100) sendInformation(info, request, response);
    });
    outgoing.once('response', (message) => resolve({ kind: 'answered', message, cancel }));
    outgoing.once('upgrade', (message, socket, head) => resolve({ kind: 'switched', message, socket, head }));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const stale = outgoing.reusedSocket && error.code === 'ECONNRESET' && !forwarding.fresh;
      // The upstream closed an idle connection at the moment of its reuse. No client would see that with a connection of
      // its own, and asking again is harmless where the method is.
      if (stale && !gone.aborted && !forwarding.body.present && IDEMPOTENT.has(request.method ?? '')) {
        ask(proxy, { ...asking, forwarding: { ...forwarding, fresh: true } }, onContinue).then(resolve);
      } else {
        resolve({ kind: 'failed', error });
      }
    });
    outgoing.once('close', () => resolve({ kind: 'failed', error: closedEarly() }));
  });
}

function closedEarly(): Error {
  return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}
