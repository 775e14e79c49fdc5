import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import type { CanaryProof, DriverProof, Owner, RollbackProof } from '../core/journal.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import { formatDuration } from '../core/units.ts';
import { isGone } from '../drivers/process.ts';
import { type CanaryHost, sendCanary } from './canary/index.ts';
import type { HeldPlane } from './engine/plane.ts';
import { injectionOf, notUndone } from './injection.ts';
import { type Journal, lastOf, openJournal } from './journal/index.ts';
import { besideLeaseMs, countsOfOpenStep, takeBackBeside } from './recover/beside.ts';
import { claim } from './recover/claim.ts';
import { findPlane } from './recover/plane.ts';
import { type UnfinishedRun, unfinishedRuns } from './recover/survey.ts';
import { rollBack } from './rollback.ts';
import { type Judgement, judge } from './verdict.ts';

export interface RecoverOptions {
  readonly runsFolder: string;
  /** Run that is not looked at: the caller's own. */
  readonly except?: string;
  /** The one run that is looked at; by default every one. */
  readonly only?: string;
  readonly clock?: Clock;
  readonly isGone?: (owner: Owner) => boolean;
  /** The data plane that a run left, where it still is the same one. */
  readonly findPlane?: (run: UnfinishedRun) => Promise<HeldPlane | undefined>;
  readonly canary?: (declaration: ProxyDeclaration, host: CanaryHost) => Promise<CanaryProof>;
}

export interface RecoveredRun extends Judgement {
  readonly run: string;
  readonly folder: string;
}

export interface Recovered {
  /** Runs that were abandoned and are ended now. */
  readonly recovered: readonly RecoveredRun[];
  /** Runs that are not over, and why they are none to recover. */
  readonly live: readonly LiveRun[];
}

export interface LiveRun {
  readonly run: string;
  readonly why: string;
  /** Its process lives: whether it may go on is told by its place. */
  readonly alive?: true;
}

/**
 * Ends the runs whose controller died: takes back what they left, proves it, stops the data plane that they had started,
 * and closes their journals as interrupted. A run whose owner lives, or whose lease has not run out, is left alone.
 * Nothing is ever resumed.
 */
export async function recoverAbandoned(options: RecoverOptions): Promise<Recovered> {
  const recovered: RecoveredRun[] = [];
  const live: LiveRun[] = [];
  for (const unfinished of unfinishedRuns(options.runsFolder)) {
    const { run, folder, owner } = unfinished;
    if (run === options.except || run !== (options.only ?? run)) continue;
    if (!(options.isGone ?? isGone)(owner)) {
      live.push({ run, why: `its process ${owner.pid} is alive`, alive: true });
      continue;
    }
    const claimed = claim(folder, options.isGone ?? isGone);
    if (!claimed) {
      live.push({ run, why: 'somebody else recovers it just now' });
      continue;
    }
    try {
      const plane = await (options.findPlane ?? findPlane)(unfinished);
      const leaseMs = Math.max(
        plane ? await leaseOf(plane, run) : 0,
        besideLeaseMs(unfinished, options.clock ?? systemClock),
      );
      if (leaseMs > 0) {
        await plane?.release?.();
        live.push({ run, why: `its lease lives for another ${formatDuration(leaseMs)}` });
      } else {
        recovered.push({ run, folder, ...(await endRun(unfinished, plane, options)) });
      }
    } finally {
      claimed.release();
    }
  }
  return { recovered, live };
}

/** How long the run's faults may still be in force, ms. A data plane that cannot tell says nothing here: emptying follows. */
async function leaseOf({ driver }: HeldPlane, run: string): Promise<number> {
  const state = await driver.state().catch(() => undefined);
  return state?.run === run && state.faults.length > 0 ? state.expiresIn : 0;
}

async function endRun(
  unfinished: UnfinishedRun,
  plane: HeldPlane | undefined,
  options: RecoverOptions,
): Promise<Judgement> {
  const journal = reopen(unfinished, options.clock ?? systemClock);
  const all = () => [...unfinished.events, ...journal.events];
  const cause = { cause: 'interrupted', reason: 'the run was interrupted: its process is gone' } as const;
  void journal.append({ type: 'rollback-started', ...cause }, { sync: false });
  const beside = await takeBackBeside(unfinished);
  if (plane) {
    await takeBack(plane, journal, all, options, beside);
  } else {
    // The process that held the faults has ended, and with it every fault; there is nothing left to ask.
    const proof = withBeside(
      {
        proven: true,
        empty: true,
        held: 0,
        canaries: [],
        notUndone: notUndone([...injectionOf(all()), ...countsOfOpenStep(all(), false)]),
      },
      beside,
    );
    void journal.append(
      { type: 'note', text: 'its data plane is gone, and so are its faults' },
      { sync: false },
    );
    void journal.append({ type: 'rollback-proof', proof, tookMs: 0 }, { sync: false });
  }
  const judgement = judge(all());
  await journal.append({ type: 'run-ended', ...judgement, interrupted: true }, { sync: true });
  await journal.close();
  return judgement;
}

async function takeBack(
  plane: HeldPlane,
  journal: Journal,
  all: () => Parameters<typeof injectionOf>[0],
  { clock = systemClock, canary = sendCanary }: RecoverOptions,
  beside: readonly DriverProof[],
): Promise<void> {
  const rollback = await rollBack({
    plane,
    clock,
    canary,
    patienceMs: 5000,
    empty: () => plane.driver.empty(),
    notUndone: (previous) =>
      notUndone([...injectionOf(all()), ...countsOfOpenStep(all(), true), ...(previous ?? [])]),
    onEmptied: (tookMs, previous) =>
      void journal.append({ type: 'rollback-emptied', tookMs, previous }, { sync: false }),
    note: (text) => void journal.append({ type: 'note', text }, { sync: false }),
  });
  const { proofMs } = rollback;
  const { empty, held } = rollback.proof;
  const proof = withBeside(rollback.proof, beside, { driver: plane.driver.name, empty, held });
  void journal.append({ type: 'rollback-proof', proof, tookMs: proofMs }, { sync: false });
  const kept = lastOf(all(), 'data-plane')?.kept === true;
  if (!kept) await rollback.plane.stop?.();
  await rollback.plane.release?.();
}

/** A proof, together with what the drivers beside the data plane say. */
function withBeside(
  proof: RollbackProof,
  beside: readonly DriverProof[],
  ...plane: readonly DriverProof[]
): RollbackProof {
  if (beside.length === 0) return proof;
  const reasons = [proof.reason, ...beside.map(({ reason }) => reason)].filter((one) => one !== undefined);
  return {
    ...proof,
    proven: proof.proven && beside.every(({ empty }) => empty),
    empty: proof.empty && beside.every(({ empty }) => empty),
    drivers: [...plane, ...beside],
    ...(reasons.length > 0 ? { reason: reasons.join('; ') } : {}),
  };
}

/** The journal's own clock went with its process: time goes on from the wall clock, and never backwards. */
function reopen({ folder, events }: UnfinishedRun, clock: Clock): Journal {
  const last = events.at(-1)!;
  const sinceLast = Math.max(0, clock.wall() - Date.parse(last.t));
  return openJournal({ folder, clock, last: last.n, began: clock.now() - (last.mono + sinceLast) });
}
