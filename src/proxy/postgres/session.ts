import { TLS_RECORD } from '../../protocols/postgres/startup.ts';
import type { ActiveFault } from '../contract.ts';
import type { ProtocolSession, SessionContext } from '../session.ts';
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
export function createPostgresSession(context: SessionContext): ProtocolSession {
  const talk = new Conversation(context);
  const around = { giveUp };
  const client = new ClientReader(talk, around);
  const server = new ServerReader(talk, around, client);
  let fresh = true;
  let unread: string | undefined;
  const told = new WeakSet<ActiveFault>();

  return {
    client(chunk) {
      if (fresh && chunk[0] === TLS_RECORD) giveUp('encrypted');
      fresh = false;
      client.push(chunk);
    },
    clientEnd: () => client.end(),
    server: (chunk) => server.push(chunk),
    serverEnd: () => server.end(),
    faultsChanged() {
      client.faultsChanged();
      tell();
    },
    closed() {
      client.closed();
      talk.closed();
    },
  };

  function giveUp(reason?: string): void {
    if (reason !== undefined) context.denial?.()?.skipped(reason);
    unread ??= reason;
    client.giveUp();
    server.giveUp();
    tell();
  }

  function tell(): void {
    if (!unread) return;
    for (const fault of context.faults()) {
      if (told.has(fault)) continue;
      told.add(fault);
      fault.countSkipped(unread);
    }
  }
}
