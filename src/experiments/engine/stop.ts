import type { Clock } from '../../core/clock.ts';
import type { RollbackCause } from '../../core/journal.ts';

export interface StopReason {
  readonly cause: RollbackCause;
  /** In a sentence without a full stop. */
  readonly reason: string;
  /** Who asked for it, where that is known. */
  readonly by?: string;
}

/** Why a run ends early. The first reason stands; all later ones change nothing. */
export interface StopLatch {
  readonly signal: AbortSignal;
  readonly reason: StopReason | undefined;
  request(cause: RollbackCause, reason: string, by?: string): void;
}

export function createStopLatch(): StopLatch {
  const controller = new AbortController();
  let first: StopReason | undefined;
  return {
    signal: controller.signal,
    get reason() {
      return first;
    },
    request(cause, reason, by) {
      if (first) return;
      first = { cause, reason, ...(by === undefined ? {} : { by }) };
      controller.abort();
    },
  };
}

/** Makes a latch follow a signal whose reason is `{ cause, text, by }`, as Ctrl-C and a halt from outside give it. */
export function followSignal(latch: StopLatch, signal: AbortSignal): () => void {
  const stop = () => {
    const reason = signal.reason as { cause?: unknown; text?: unknown; by?: unknown } | undefined;
    const cause = reason?.cause === 'halt' ? 'halt' : 'signal';
    const text = typeof reason?.text === 'string' ? reason.text : 'stopped from outside';
    const by = typeof reason?.by === 'string' ? reason.by : undefined;
    latch.request(cause, /^SIG[A-Z]+$/.test(text) ? `stopped by ${text}` : text, by);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}

/** Calls `check` every `ms`, never twice at once, until the answer is called. */
export function repeat(clock: Clock, ms: number, check: () => void | Promise<void>): () => void {
  let ended = false;
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(ms, async () => {
      await check();
      if (!ended) next();
    });
  };
  next();
  return () => {
    ended = true;
    cancel();
  };
}
