import { Fifo } from '../../faults/fifo.ts';
import { Alike, type Attempt } from './attempt.ts';

/** Requests that are remembered, and failures of them. */
const MOST = 10_000;
/** For how long a failure is remembered: so long, or so long after the wait that the client was told. */
const REMEMBERED_MS = 60_000;
const LONGEST_WAIT_MS = 600_000;
/** How many requests are looked at for one that can be forgotten with no loss. */
const TRIES = 4;

/** Requests by their digests, and their failures: in memory alone, no more than some thousands. */
export class Memory {
  readonly #alikes = new Map<number, Alike>();
  /** The same, each in the place where it was put; the next to be forgotten is at the hand, which goes round. */
  readonly #places: Alike[] = [];
  #hand = 0;
  /** In their order; also those that were followed already. */
  readonly #failed = new Fifo<Attempt>();

  find(half: number, proof: number): Alike | undefined {
    const alike = this.#alikes.get(half);
    return alike?.proof === proof ? alike : undefined;
  }

  of(half: number, proof: number): Alike {
    const known = this.find(half, proof);
    if (known) return known;
    const alike = new Alike(half, proof);
    this.#place(alike);
    this.#alikes.set(half, alike);
    return alike;
  }

  /** A request failed, and may come again. */
  keep(alike: Alike, attempt: Attempt): void {
    alike.failed ??= [];
    alike.failed.push(attempt);
    this.#failed.push(attempt);
    for (let oldest = this.#failed.first; oldest; oldest = this.#failed.first) {
      if (this.#failed.length <= MOST && attempt.endedAt <= rememberedUntil(oldest)) break;
      this.#failed.shift();
      if (oldest.alike?.failed?.[0] === oldest) oldest.alike.failed.shift();
    }
  }

  /** The oldest of these that failed not too long ago and that none has followed; the next will not get it. */
  takeFailed({ failed }: Alike, now: number): Attempt | undefined {
    while (failed && failed.length > 0) {
      const attempt = failed.shift()!;
      if (now <= rememberedUntil(attempt)) return attempt;
    }
    return undefined;
  }

  /** Takes the place of another where all are taken: those under way, or failed and not followed, stay if there are others. */
  #place(alike: Alike): void {
    if (this.#places.length < MOST) {
      this.#places.push(alike);
      return;
    }
    for (let tries = TRIES; ; tries--) {
      const at = this.#hand;
      const old = this.#places[at]!;
      this.#hand = (at + 1) % MOST;
      if (tries > 1 && (old.open > 0 || old.failed?.length)) continue;
      if (this.#alikes.get(old.half) === old) this.#alikes.delete(old.half);
      this.#places[at] = alike;
      return;
    }
  }
}

function rememberedUntil({ endedAt, waitMs = 0 }: Attempt): number {
  return endedAt + Math.min(waitMs, LONGEST_WAIT_MS) + REMEMBERED_MS;
}
