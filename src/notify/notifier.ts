import type { Channel, Notice } from './contract.ts';
import { Outbox, type OutboxCounts, type OutboxTiming } from './outbox.ts';

export interface Notifier {
  /** Tells everybody who wants to know; returns at once. */
  tell(notice: Notice): void;
  /** What became of notices so far, by channel. */
  counts(): readonly { readonly channel: Channel; readonly counts: Readonly<OutboxCounts> }[];
  /** Waits for what is under way, for `patienceMs` at most. */
  close(patienceMs: number): Promise<void>;
}

/** @param log receives what could not be delivered, without addresses */
export function createNotifier(
  channels: readonly Channel[],
  log: (line: string) => void,
  timing?: OutboxTiming,
): Notifier {
  const outboxes = channels.map((channel) => new Outbox(channel, log, timing));
  return {
    tell(notice) {
      for (const outbox of outboxes) outbox.add(notice);
    },
    counts: () => outboxes.map(({ channel, counts }) => ({ channel, counts })),
    close: async (patienceMs) => void (await Promise.all(outboxes.map((outbox) => outbox.close(patienceMs)))),
  };
}
