import { type Clock, sleep } from '../core/clock.ts';
import { type CountedFault, type FaultSetState, placeOf } from '../core/fault.ts';
import type { CanaryProof, RollbackProof } from '../core/journal.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import { reasonOf } from '../core/reason.ts';
import type { CanaryHost } from './canary/index.ts';
import type { HeldPlane } from './engine/plane.ts';

export interface RollbackOptions {
  readonly plane: HeldPlane;
  /** Empties the fault set; called again until it succeeds. */
  readonly empty: () => Promise<FaultSetState>;
  /** How long to go on trying before the data plane is stopped, or given up, ms. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly canary: (declaration: ProxyDeclaration, host: CanaryHost) => Promise<CanaryProof>;
  /** What no rollback can undo, told once the final counts are known. */
  readonly notUndone: (previous: readonly CountedFault[] | undefined) => readonly string[];
  /** The set is empty, after `tookMs`. */
  readonly onEmptied?: (tookMs: number, previous: readonly CountedFault[] | undefined) => void;
  /** Something that a reader of the journal should know. */
  readonly note?: (text: string) => void;
}

export interface Rollback {
  /** The data plane in force at the end; another one when it had to be restarted. */
  readonly plane: HeldPlane;
  readonly proof: RollbackProof;
  /** How long the proof took, ms. */
  readonly proofMs: number;
}

const RETRY_MS = [0, 20, 50, 100, 200];
/** Proofs are taken again for this long: a unit that is letting go, or an upstream that hiccups, is no remainder. */
const PROOF_PATIENCE_MS = 5000;
const PROOF_RETRY_MS = 100;

/** Empties the fault set and proves that nothing is left. Never rejects: what cannot be proven is said in the proof. */
export async function rollBack(options: RollbackOptions): Promise<Rollback> {
  const { clock } = options;
  const began = clock.now();
  let { plane } = options;
  let failure = '';
  const emptied = await emptyHard(options, (reason) => {
    failure = reason;
  });
  // Stopping the process ends every fault with it; a clean one then carries the traffic again.
  const restart = async (why: string) => {
    options.note?.(`${why}: the data plane is stopped and started again`);
    try {
      await plane.stop?.();
      plane = await plane.restart!();
    } catch (error) {
      failure = `${failure}; a clean data plane could not be started: ${reasonOf(error)}`;
    }
  };
  if (!emptied && plane.restart && !(await plane.ownIsEmpty?.().catch(() => false)))
    await restart(`the fault set could not be emptied (${failure})`);
  const previous = emptied?.previous?.faults;
  if (emptied || plane !== options.plane) options.onEmptied?.(clock.now() - began, previous);
  const proofBegan = clock.now();
  let proof = await prove(plane, options);
  if (!proof.proven && plane.restart && plane.gone?.()) {
    await restart('the data plane died after its fault set was emptied');
    proof = await prove(plane, options);
  }
  const restarted = plane !== options.plane;
  const drivers = await plane.driver.members?.();
  const lost = restarted ? ['what the data plane had counted and every connection through it were lost'] : [];
  return {
    plane,
    proof: {
      ...proof,
      ...(drivers ? { drivers } : {}),
      notUndone: [...options.notUndone(previous), ...lost],
      ...(proof.proven || emptied || restarted
        ? {}
        : { reason: `${proof.reason}; emptying failed: ${failure}` }),
    },
    proofMs: clock.now() - proofBegan,
  };
}

async function emptyHard(
  { empty, patienceMs, clock, plane }: RollbackOptions,
  onFailure: (reason: string) => void,
): Promise<FaultSetState | undefined> {
  const until = clock.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await within(clock, Math.max(1000, until - clock.now()), empty());
    } catch (error) {
      onFailure(reasonOf(error));
    }
    // A process that is gone holds nothing any more: only a restart can bring the traffic back.
    if (plane.restart && plane.gone?.()) return undefined;
    if (clock.now() >= until) return undefined;
    await sleep(clock, RETRY_MS[attempt] ?? RETRY_MS.at(-1)!);
  }
}

async function prove(
  plane: HeldPlane,
  { clock, canary }: RollbackOptions,
): Promise<Omit<RollbackProof, 'notUndone'>> {
  const until = clock.now() + PROOF_PATIENCE_MS;
  let canaries: readonly CanaryProof[] = [];
  for (;;) {
    const told = await within(clock, 2000, whatIsLeft(plane)).catch((error: unknown) => reasonOf(error));
    // Only those that have not answered alike yet are asked again.
    canaries = await Promise.all(
      plane.proxies.map(async (declaration) => {
        const before = canaries.find((known) => known.proxy === declaration.name);
        return before?.same ? before : canary(declaration, plane.driver);
      }),
    );
    const reason = typeof told === 'string' ? untold(told) : told.reason;
    const differing = canaries.filter((proof) => !proof.same);
    const proven = reason === undefined && differing.length === 0;
    if (proven || clock.now() >= until) {
      const state = typeof told === 'string' ? { empty: false, held: 0 } : told;
      const reasons = [...(reason === undefined ? [] : [reason]), ...differing.map(describe)];
      return {
        proven,
        empty: state.empty,
        held: state.held,
        canaries,
        ...(proven ? {} : { reason: reasons.join('; ') }),
      };
    }
    await sleep(clock, PROOF_RETRY_MS);
  }
}

async function whatIsLeft({
  driver,
}: HeldPlane): Promise<{ empty: boolean; held: number | null; reason: string | undefined }> {
  const [state, known] = await Promise.all([driver.state(), driver.held()]);
  // A driver that cannot tell what it holds is proven by its empty set and by the canaries alone.
  const held = known ?? null;
  const names = state.faults.map((fault) => `${fault.type} on ${placeOf(fault)}`).join(', ');
  const empty = state.faults.length === 0;
  if (!empty) return { empty, held, reason: `the data plane still has faults in force: ${names}` };
  return {
    empty,
    held,
    reason: held !== null && held > 0 ? `the data plane still holds ${held} units` : undefined,
  };
}

/** A driver beside the data plane names itself. */
function untold(reason: string): string {
  return reason.startsWith('Driver ') ? reason : `the data plane does not answer: ${reason}`;
}

function describe(proof: CanaryProof): string {
  return `${proof.canary} through ${proof.proxy} answers ${proof.through}, straight to its upstream ${proof.direct}`;
}

/** Rejects when `act` takes longer than `ms`. */
async function within<T>(clock: Clock, ms: number, act: Promise<T>): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new Error(`no answer within ${Math.round(ms)} ms`)));
  });
  try {
    return await Promise.race([act, late]);
  } finally {
    cancel();
  }
}
