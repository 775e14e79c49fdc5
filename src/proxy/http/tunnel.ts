import type http from 'node:http';
import type { Duplex } from 'node:stream';
import type { NearEnd } from '../contract.ts';
import { switchingHead } from './answer-head.ts';
import { reset } from './ending.ts';

interface Switched {
  readonly message: http.IncomingMessage;
  readonly socket: Duplex;
  /** What the upstream sent right behind its 101. */
  readonly head: Buffer;
}

/** Passes the 101 on, then bytes both ways until both sides have ended. */
export function tunnel({ message, socket: upstream, head }: Switched, client: Duplex): Promise<void> {
  client.write(switchingHead(message), 'latin1');
  if (head.length > 0) client.write(head);
  client.pipe(upstream);
  upstream.pipe(client);
  return new Promise((resolve) => {
    let open = 2;
    const closing = (side: Duplex, other: Duplex) => {
      side.on('error', () => {});
      side.once('close', () => {
        if (side.readableEnded) (other as NearEnd).destroySoon();
        else reset(other);
        if (--open === 0) resolve();
      });
    };
    closing(client, upstream);
    closing(upstream, client);
  });
}
