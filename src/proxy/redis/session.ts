import { Conversation } from '../../protocols/redis/conversation.ts';
import { ConnectionWatch } from '../clients/connection-watch.ts';
import type { CreateSession } from '../session.ts';
import { Addresses } from './addresses.ts';
import { ReplySide } from './replies.ts';
import { RequestSide } from './requests.ts';

/** What a server says of its own accord to a client beyond `maxclients`, and then closes. */
const FULL = Buffer.from('-ERR max number of clients reached\r\n');

/** Redis on one connection: RESP2 and RESP3, pipelines, MULTI, subscriptions. */
export const createRedisSession: CreateSession = (context, { declaration, log }) => {
  const addresses = context.shared('addresses', () => new Addresses(declaration, log));
  const conversation = new Conversation();
  const watch = new ConnectionWatch(context.clients);
  const replies = new ReplySide(context, conversation, addresses, watch);
  const requests = new RequestSide(context, conversation, replies, watch);
  return {
    opened() {
      const denial = context.denial?.();
      if (!denial) return;
      denial.injected();
      context.meter.unit();
      context.meter.answered('ERR', true);
      context.toClient(FULL);
      context.close('fin');
    },
    client: (chunk) => requests.push(chunk),
    clientEnd() {
      watch.clientGone();
      requests.end();
    },
    server: (chunk) => replies.push(chunk),
    serverEnd() {
      watch.noAnswer();
      replies.end();
    },
    clientGone: () => watch.clientGone(),
    faultsChanged: () => requests.faultsChanged(),
    closed() {
      replies.closed();
      requests.closed();
      watch.noAnswer();
    },
  };
};
