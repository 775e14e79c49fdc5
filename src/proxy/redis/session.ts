import { Conversation } from '../../protocols/redis/conversation.ts';
import type { CreateSession } from '../session.ts';
import { Addresses } from './addresses.ts';
import { ReplySide } from './replies.ts';
import { RequestSide } from './requests.ts';

/** Redis on one connection: RESP2 and RESP3, pipelines, MULTI, subscriptions. */
export const createRedisSession: CreateSession = (context, { declaration, log }) => {
  const addresses = context.shared('addresses', () => new Addresses(declaration, log));
  const conversation = new Conversation();
  const replies = new ReplySide(context, conversation, addresses);
  const requests = new RequestSide(context, conversation, replies);
  return {
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
