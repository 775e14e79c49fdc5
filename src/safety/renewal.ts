import type { Clock } from '../core/clock.ts';
import { type ErrorCode, FaultlineError } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { formatDuration } from '../core/units.ts';

export interface RenewalOptions {
  readonly clock: Clock;
  readonly leaseMs: number;
  /** How often; at least three times within a lease. */
  readonly everyMs: number;
  /** Whether health allows it, asked each time anew. */
  readonly allowed: () => boolean;
  readonly renew: () => Promise<void>;
  readonly onLoss: (reason: string, code?: ErrorCode) => void;
}

/** Renews a lease for as long as it is allowed. One that fails, or has no answer within a third of the lease, is a loss. */
export function startRenewal(options: RenewalOptions): { stop(): void } {
  const { clock, leaseMs, everyMs, renew, onLoss } = options;
  const patience = leaseMs / 3;
  let ended = false;
  let waiting = false;
  let cancelNext = () => {};
  let cancelPatience = () => {};

  function stop(): void {
    ended = true;
    cancelNext();
    cancelPatience();
  }

  function lose(reason: string, code?: ErrorCode): void {
    if (ended) return;
    stop();
    onLoss(reason, code);
  }

  function next(): void {
    cancelNext = clock.after(everyMs, next);
    if (waiting || !options.allowed() || ended) return;
    waiting = true;
    cancelPatience = clock.after(patience, () =>
      lose(`renewing the lease had no answer within ${formatDuration(patience)}`),
    );
    renew().then(
      () => {
        waiting = false;
        cancelPatience();
      },
      (error: unknown) => lose(...lossOf(error)),
    );
  }

  cancelNext = clock.after(everyMs, next);
  return { stop };
}

function lossOf(error: unknown): [string, ErrorCode?] {
  if (error instanceof FaultlineError) return [`the lease was not renewed: ${error.message}`, error.code];
  return [`the data plane did not answer when the lease was to be renewed: ${reasonOf(error)}`];
}
