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

/** What a piece of an answer is: an event, what stands between events, or bytes that are not told apart. */
export type PieceKind = 'event' | 'comment' | 'bytes';

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
  request(): Promise<RequestAct>;
  head(head: ResponseHead): Promise<HeadAct>;
  piece(bytes: Buffer, kind: PieceKind): Promise<PieceAct>;
  end(): Promise<PieceAct>;
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
        ({ behaviour }) => behaviour.head || behaviour.chunk || behaviour.event || behaviour.end,
      );
    },
    get readsEvents() {
      return [...inForce()].some(({ behaviour }) => behaviour.event !== undefined);
    },
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
      for (const seat of inForce()) {
        const act = await seat.behaviour.head?.(head);
        if (!act || act.do === 'forward' || seat.fault.released.aborted) continue;
        if (act.do === 'keep') {
          keepers.add(seat);
          continue;
        }
        preemptOthers(seat);
        return act;
      }
      return keepers.size > 0 ? { do: 'keep' } : { do: 'forward' };
    },

    piece(bytes, kind) {
      const at = offset;
      const number = index;
      offset += bytes.length;
      if (kind === 'event') index++;
      if (kind !== 'comment') keepers.clear();
      return pass(bytes, ({ behaviour }, current) => {
        if (kind === 'bytes' || !behaviour.event) return behaviour.chunk?.(current, at);
        return kind === 'event' ? behaviour.event(current, number) : undefined;
      });
    },

    end() {
      keepers.clear();
      return pass(Buffer.alloc(0), ({ behaviour }) => behaviour.end?.());
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

  async function pass(
    bytes: Buffer,
    ask: (seat: Seat, bytes: Buffer) => BodyAct | undefined | Promise<BodyAct | undefined>,
  ): Promise<PieceAct> {
    let current = bytes;
    for (const seat of inForce()) {
      const act = await ask(seat, current);
      if (!act || act.do === 'pass' || seat.fault.released.aborted) continue;
      if (act.do === 'replace') current = act.with;
      if (act.do === 'keep') keepers.add(seat);
      if (act.do === 'cut') {
        preemptOthers(seat);
        return act;
      }
    }
    return { do: keepers.size > 0 ? 'keep' : 'send', bytes: current };
  }
}

function skip({ taken, settle }: Seat, reason: string): void {
  settle(() => taken.skipped(reason));
}
