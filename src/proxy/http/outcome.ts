import type http from 'node:http';
import type { Duplex } from 'node:stream';
import type httpProxy from 'http-proxy';
import { sendInformation } from './answer-head.ts';
import type { Gone } from './gone.ts';
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
  readonly gone: Gone;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Sends the request upstream; settles on its head. Never rejects. */
export function ask(proxy: httpProxy, asking: Asking, onContinue: () => void): Promise<Outcome> {
  const { request, response, forwarding, gone } = asking;
  return new Promise((resolve) => {
    const outgoing = sendUpstream(proxy, request, response, forwarding);
    const cancel = () => void outgoing.destroy();
    gone.addEventListener('abort', cancel);
    outgoing.on('continue', onContinue);
    outgoing.on('information', (info) => {
      if (info.statusCode !== 100) sendInformation(info, request, response);
    });
    let settled = false;
    const settle = (outcome: Outcome) => {
      settled = true;
      resolve(outcome);
    };
    outgoing.on('response', (message) => settle({ kind: 'answered', message, cancel }));
    outgoing.on('upgrade', (message, socket, head) => settle({ kind: 'switched', message, socket, head }));
    let failure: NodeJS.ErrnoException | undefined;
    outgoing.on('error', (error) => {
      failure = error;
    });
    outgoing.on('close', () => {
      gone.removeEventListener('abort', cancel);
      if (settled) return;
      if (outgoing.reusedSocket && failure?.code === 'ECONNRESET' && mayAskAgain(asking)) {
        ask(proxy, { ...asking, forwarding: { ...forwarding, fresh: true } }, onContinue).then(resolve);
      } else resolve({ kind: 'failed', error: failure ?? closedEarly() });
    });
  });
}

/**
 * A kept connection may be closed by the upstream at the moment of its reuse. A client with a connection of its own would
 * not see that, and where the method is harmless, so is asking again.
 */
function mayAskAgain({ request, forwarding, gone }: Asking): boolean {
  const harmless = !forwarding.body.present && IDEMPOTENT.has(request.method ?? '');
  return harmless && !forwarding.fresh && !gone.aborted;
}

function closedEarly(): Error {
  return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}
