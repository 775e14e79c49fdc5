import type { Ending } from '../../faults/contract.ts';
import { type Exchange, ORDINARY } from '../../protocols/redis/exchange.ts';
import type { Verdict } from './command.ts';

/** What the client is owed for a command, in the order of the commands. */
export interface Owed {
  /** What the server owes for it; undefined where it was never sent there. */
  readonly exchange: Exchange | undefined;
  readonly counted: boolean;
  readonly since: number;
  injected: boolean;
  readonly instead?: Instead;
  readonly verdict?: Exclude<Verdict, { do: 'forward' }>;
  /** When the first byte of its answer came. */
  firstAt?: number | undefined;
  /** Some of its items were put in place of the server's. */
  acted?: boolean;
  /** Of ordinary commands that came together, how many are still to be answered. */
  times?: number;
}

/**
 * `reply` in place of the server's, or where nothing was sent, of nothing; `item` in place of its result in the answer to
 * EXEC; `items` in place of some items of its answer, by their number; `close` instead of any answer.
 */
export type Instead =
  | { readonly do: 'reply'; readonly bytes: Buffer; readonly status: string }
  | { readonly do: 'item'; readonly bytes: Buffer }
  | { readonly do: 'items'; readonly at: ReadonlyMap<number, Buffer> }
  | { readonly do: 'close'; readonly how: Ending };

/** For the first of ordinary commands that come together, to which faults have nothing to do. */
export function ordinary(since: number): Owed {
  return { exchange: ORDINARY, counted: true, since, injected: false, times: 1 };
}
