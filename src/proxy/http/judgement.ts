import type {
  BodyAct,
  HeadAct,
  HttpBehaviour,
  HttpFault,
  RequestAct,
  RequestView,
  ResponseHead,
} from '../../faults/contract.ts';
import type { ActiveFault, Taken, UnitFacts } from '../contract.ts';
import { type HoldSurroundings, hold } from './hold.ts';

/** A fault that has taken the request. */
interface Seat {
  readonly fault: ActiveFault;
  readonly taken: Taken;
  readonly behaviour: HttpBehaviour;
  /** Counts, once, that it acted or why it did not. */
  settle(count: () => void): void;
}

/** What a piece of an answer is: an event, what stands between events, a body that is none, or bytes that are not told apart. */
export type PieceKind = 'event' | 'comment' | 'whole' | 'bytes';

export type PieceAct =
  | { readonly do: 'send'; readonly bytes: Buffer }
  | { readonly do: 'keep'; readonly bytes: Buffer }
  | Extract<BodyAct, { do: 'cut' }>;

/** The faults that have taken one request, asked in their order at each of its stages. */
export interface Judgement {
  /** A fault made or changed this answer, or delayed it. */
  readonly injected: boolean;
  /** Some fault looks into the answer, beyond the request. */
  readonly judgesAnswer: boolean;
  /** Some fault in force looks into single events. */
  readonly readsEvents: boolean;
  /** Some fault in force looks into a body as a whole. */
  readonly readsWhole: boolean;
  /** Some fault in force may change the length of a body: one of events, or another. */
  resizes(events: boolean): boolean;
  request(): Promise<RequestAct>;
  head(
    head: ResponseHead,
  ): Promise<{ readonly act: HeadAct; readonly set: Readonly<Record<string, string>> }>;
  /** What becomes of a piece: several parts where a fault splits it, and nothing behind a cut. */
  piece(bytes: Buffer, kind: PieceKind): AsyncIterable<PieceAct>;
  end(): AsyncIterable<PieceAct>;
  /** Some fault in force keeps back what has passed. */
  readonly keeping: boolean;
  /** Called, synchronously, whenever a fault of this request is taken back. */
  onRelease(listener: () => void): void;
  /** The unit is over: what never came to act is counted as skipped. */
  finish(): void;
}

/** Offers a request to each fault, in order; undefined when none takes it. */
export function judge(
  faults: readonly ActiveFault[],
  facts: UnitFacts,
  view: RequestView,
  around: HoldSurroundings,
): Judgement | undefined {
  const seats: Seat[] = [];
  let injected = false;

  for (const fault of faults) {
    const taken = fault.take(facts);
    if (!taken) continue;
    let settled = false;
    const settle = (count: () => void) => {
      if (!settled) count();
      settled = true;
    };
    const behaviour = (fault.definition as HttpFault).create({
      clock: around.clock,
      request: view,
      get attributes() {
        return taken.attributes;
      },
      random: () => taken.random(),
      shared: (key, make) => fault.shared(key, make),
      hold: (ms) => hold(ms, fault.released, around),
      injected: () =>
        settle(() => {
          injected = true;
          taken.injected();
        }),
      skipped: (reason) => settle(() => taken.skipped(reason)),
    });
    seats.push({ fault, taken, behaviour, settle });
  }
  if (seats.length === 0) return undefined;

  const keepers = new Set<Seat>();
  const listeners: (() => void)[] = [];
  let offset = 0;
  let index = 0;
  /** Asked for anew at each step: a fault may be taken back while the one before it holds the unit. */
  function* inForce(): Generator<Seat> {
    for (const seat of seats) if (!seat.fault.released.aborted) yield seat;
  }
  const preemptOthers = (winner: Seat) => {
    for (const seat of seats) if (seat !== winner) skip(seat, 'preempted');
  };

  return {
    get injected() {
      return injected;
    },
    get judgesAnswer() {
      return [...inForce()].some(
        ({ behaviour }) =>
          behaviour.head || behaviour.chunk || behaviour.event || behaviour.whole || behaviour.end,
      );
    },
    get readsEvents() {
      return [...inForce()].some(({ behaviour }) => behaviour.event !== undefined);
    },
    get readsWhole() {
      return [...inForce()].some(({ behaviour }) => behaviour.whole !== undefined);
    },
    resizes: (events) =>
      [...inForce()].some(
        ({ behaviour }) => behaviour.resizes || (events ? behaviour.event : behaviour.whole) !== undefined,
      ),
    get keeping() {
      return [...keepers].some((seat) => !seat.fault.released.aborted);
    },

    async request() {
      for (const seat of inForce()) {
        const act = await seat.behaviour.request?.();
        if (!act || act.do === 'forward' || seat.fault.released.aborted) continue;
        preemptOthers(seat);
        return act;
      }
      return { do: 'forward' };
    },

    async head(head) {
      const set: Record<string, string> = {};
      for (const seat of inForce()) {
        const act = await seat.behaviour.head?.(head);
        if (!act || seat.fault.released.aborted) continue;
        if (act.do === 'forward') {
          Object.assign(set, act.set);
          continue;
        }
        if (act.do === 'keep') {
          keepers.add(seat);
          continue;
        }
        preemptOthers(seat);
        return { act, set };
      }
      return { act: { do: keepers.size > 0 ? 'keep' : 'forward' }, set };
    },

    piece(bytes, kind) {
      const at = offset;
      const number = index;
      offset += bytes.length;
      if (kind === 'event') index++;
      if (kind !== 'comment') keepers.clear();
      return pass(bytes, at, ({ behaviour }, current, currentAt) => {
        if (kind === 'whole' && behaviour.whole) return behaviour.whole(current);
        if (kind === 'whole' || kind === 'bytes' || !behaviour.event)
          return behaviour.chunk?.(current, currentAt);
        return kind === 'event' ? behaviour.event(current, number) : undefined;
      });
    },

    end() {
      keepers.clear();
      return pass(Buffer.alloc(0), offset, ({ behaviour }) => behaviour.end?.());
    },

    onRelease(listener) {
      listeners.push(listener);
      for (const { fault } of seats) fault.released.addEventListener('abort', listener);
    },

    finish() {
      for (const seat of seats) {
        for (const listener of listeners) seat.fault.released.removeEventListener('abort', listener);
        skip(
          seat,
          seat.fault.released.aborted ? 'taken back' : around.gone.aborted ? 'client gone' : 'not reached',
        );
      }
    },
  };

  /** Asks the seats from `first` on, in their order. */
  async function* pass(
    bytes: Buffer,
    offset: number,
    ask: (seat: Seat, bytes: Buffer, offset: number) => BodyAct | undefined | Promise<BodyAct | undefined>,
    first = 0,
  ): AsyncGenerator<PieceAct> {
    let current = bytes;
    for (const [place, seat] of seats.entries()) {
      if (place < first || seat.fault.released.aborted) continue;
      const act = await ask(seat, current, offset);
      if (!act || act.do === 'pass' || seat.fault.released.aborted) continue;
      if (act.do === 'split' && act.at > 0 && act.at < current.length) {
        yield* pass(current.subarray(0, act.at), offset, ask, place + 1);
        yield* pass(current.subarray(act.at), offset + act.at, ask, place);
        return;
      }
      if (act.do === 'replace') current = act.with;
      if (act.do === 'keep') keepers.add(seat);
      if (act.do === 'cut') {
        preemptOthers(seat);
        yield act;
        return;
      }
    }
    yield { do: keepers.size > 0 ? 'keep' : 'send', bytes: current };
  }
}

function skip({ taken, settle }: Seat, reason: string): void {
  settle(() => taken.skipped(reason));
}
