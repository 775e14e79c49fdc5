import type { Clock } from '../../core/clock.ts';
import type { Attributes } from '../../core/fault.ts';
import type { MessageAct, MessageFault } from '../../faults/contract.ts';
import type { ActiveFault, ProxyMeter, Taken, UnitFacts } from '../contract.ts';
import type { Released } from '../release.ts';

/** How a unit goes on after all holds. Whoever carries it out says whether it really took place. */
export type Outcome<Reply> =
  | { readonly do: 'forward' }
  | (Exclude<MessageAct<Reply>, { do: 'forward' | 'hold' }> & {
      /** It takes place. */
      injected(): void;
      /** It cannot, and why; the unit is forwarded. */
      skipped(reason: string): void;
    });

export interface Unit<View, Reply> {
  readonly faults: readonly ActiveFault[];
  /** What `match` is held against; asked for only when a fault judges such units. */
  readonly facts: () => UnitFacts;
  readonly view: View;
  readonly clock: Clock;
  readonly meter: ProxyMeter;
  /** A hold begins to count as an injection on the connection. */
  readonly injected: () => void;
  /** How it goes on: called once, in the same tick unless a fault holds the unit. */
  readonly done: (outcome: Outcome<Reply>) => void;
}

interface Seat<View, Reply> {
  readonly fault: ActiveFault;
  readonly definition: MessageFault<Attributes, View, Reply>;
  readonly taken: Taken;
}

/** A longer timer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
const FORWARD = { do: 'forward' } as const;

/**
 * Offers a unit to each fault, in order. Holds add up, and each ends, in the same tick, when its fault is taken back; the
 * first fault that ends the unit wins, and those after it are counted as preempted.
 * @returns what to call when the connection is gone while the unit is held: `done` is then not called
 */
export function judgeUnit<View, Reply>(unit: Unit<View, Reply>): () => void {
  const seats = takeSeats(unit);
  let next = 0;
  let letGo: (() => void) | undefined;
  let gone = false;
  advance();
  return () => {
    if (gone || !letGo) return;
    gone = true;
    letGo();
    for (const { taken } of seats.slice(next)) taken.skipped('client gone');
  };

  function advance(): void {
    while (next < seats.length) {
      const seat = seats[next++]!;
      if (seat.fault.released.aborted) {
        seat.taken.skipped('taken back');
        continue;
      }
      const act = ask(seat, unit);
      if (act.do === 'hold' && act.ms > 0) {
        seat.taken.injected();
        unit.injected();
        hold(act.ms, seat.fault.released);
        return;
      }
      if (act.do === 'hold') seat.taken.skipped('no delay');
      else if (act.do === 'forward') seat.taken.skipped(act.reason ?? 'not reached');
      else {
        end(seat, act);
        return;
      }
    }
    letGo = undefined;
    unit.done(FORWARD);
  }

  function end(
    { taken }: Seat<View, Reply>,
    act: Exclude<MessageAct<Reply>, { do: 'forward' | 'hold' }>,
  ): void {
    for (const later of seats.slice(next)) later.taken.skipped('preempted');
    letGo = undefined;
    unit.done({
      ...act,
      injected() {
        taken.injected();
        unit.injected();
      },
      skipped: (reason) => taken.skipped(reason),
    });
  }

  function hold(ms: number, released: Released): void {
    const counted = unit.meter.hold();
    const cancel = ms <= LONGEST_TIMER ? unit.clock.after(ms, over) : () => {};
    released.addEventListener('abort', over);
    letGo = free;
    function free() {
      cancel();
      released.removeEventListener('abort', over);
      counted();
    }
    function over() {
      free();
      advance();
    }
  }
}

function takeSeats<View, Reply>({ faults, facts, view }: Unit<View, Reply>): Seat<View, Reply>[] {
  const seats: Seat<View, Reply>[] = [];
  let known: UnitFacts | undefined;
  for (const fault of faults) {
    const definition = fault.definition as MessageFault<Attributes, View, Reply>;
    if (!definition.judges(view, fault.attributes)) continue;
    known ??= facts();
    const taken = fault.take(known);
    if (taken) seats.push({ fault, definition, taken });
  }
  return seats;
}

function ask<View, Reply>(
  { fault, definition, taken }: Seat<View, Reply>,
  { view, clock }: Unit<View, Reply>,
): MessageAct<Reply> {
  return definition.judge({
    clock,
    unit: view,
    get attributes() {
      return taken.attributes;
    },
    random: () => taken.random(),
    matches: (key, text) => fault.matches(key, text),
    shared: (key, make) => fault.shared(key, make),
  });
}
