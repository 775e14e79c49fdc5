import { ENCRYPTED } from '../../core/encrypted.ts';
import { TLS_RECORD } from '../../protocols/tls.ts';
import { Unread } from '../messages/unread.ts';
import type { ProtocolSession, SessionContext, SessionHome } from '../session.ts';
import { ClientReader } from './client-reader.ts';
import { Conversation } from './conversation.ts';
import { ServerReader } from './server-reader.ts';

/**
 * One connection that speaks Postgres:
 *
 *     client ──▶ framer ─▶ client reader ─▶ [judged, or misled] ──▶ server
 *                               │ ledger: which answers are due
 *            ◀── [rewritten, or lost] ◀─ server reader ◀─ framer ◀──
 *
 * Encrypted connections, replication, and what is no Postgres at all pass unread.
 */
export function createPostgresSession(
  context: SessionContext,
  { declaration: { tls } }: Pick<SessionHome, 'declaration'>,
): ProtocolSession {
  const encrypted = (tls?.upstream ?? 'off') !== 'off';
  const talk = new Conversation(context, { hidesBinding: encrypted && !tls?.listen });
  const around = { giveUp };
  const client = new ClientReader(talk, around);
  const server = new ServerReader(talk, around, client);
  let fresh = true;
  let reason: string | undefined;
  const unread = new Unread(context.faults);

  return {
    client(chunk) {
      if (fresh && chunk[0] === TLS_RECORD) giveUp(ENCRYPTED);
      fresh = false;
      client.push(chunk);
    },
    clientEnd() {
      talk.watch.clientGone();
      client.end();
    },
    server: (chunk) => server.push(chunk),
    serverEnd() {
      talk.watch.noAnswer();
      server.end();
    },
    clientGone: () => talk.watch.clientGone(),
    faultsChanged() {
      client.faultsChanged();
      tell();
    },
    closed() {
      client.closed();
      talk.closed();
    },
  };

  function giveUp(why?: string): void {
    if (why !== undefined) context.denial?.()?.skipped(why);
    reason ??= why;
    talk.watch.noAnswer();
    client.giveUp();
    server.giveUp();
    tell();
  }

  function tell(): void {
    if (reason !== undefined) unread.tell(reason);
  }
}
