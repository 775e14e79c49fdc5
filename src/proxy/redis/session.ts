import { Conversation } from '../../protocols/redis/conversation.ts';
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
  const replies = new ReplySide(context, conversation, addresses);
  const requests = new RequestSide(context, conversation, replies);
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
    clientEnd: () => requests.end(),
    server: (chunk) => replies.push(chunk),
    serverEnd: () => replies.end(),
    faultsChanged: () => requests.faultsChanged(),
    closed() {
      replies.closed();
      requests.closed();
    },
  };
};
