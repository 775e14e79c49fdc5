import type { Clock } from '../../core/clock.ts';
import type { CountedFault } from '../../core/fault.ts';
import type { DriverProof, JournalEvent } from '../../core/journal.ts';
import type { DriverDeclaration } from '../../core/plan.ts';
import { GONE, takeBack, toxiproxyServer } from '../../drivers/toxiproxy/index.ts';
import { eventsOf, firstOf, lastOf } from '../journal/index.ts';
import type { UnfinishedRun } from './survey.ts';

/** Databases let go this long after the lease at the latest. */
const GRACE_MS = 1500;

/**
 * Takes back what a dead run left in force beside its data plane: toxics of Toxiproxy servers, which as a rule its watchdog
 * has removed already. What it held on databases has ended with its connections, or with its lease.
 */
export async function takeBackBeside({ run, events }: UnfinishedRun): Promise<readonly DriverProof[]> {
  if (!firstOf(events, 'step-intended')) return [];
  const drivers = firstOf(events, 'run-started')?.plan.drivers ?? [];
  return Promise.all(
    drivers.map(async (declaration): Promise<DriverProof> => {
      const { name } = declaration;
      if (declaration.driver !== 'toxiproxy') {
        const remark = 'what it held ended with its connections, or with the lease';
        return { driver: name, empty: true, held: null, remark };
      }
      const { gone, failures } = await takeBack(toxiproxyServer(declaration.control), run);
      return {
        driver: name,
        empty: failures.length === 0,
        held: null,
        ...(gone ? { remark: GONE } : {}),
        ...(failures.length > 0
          ? { reason: `driver "${name}" may have toxics left: ${failures.join('; ')}` }
          : {}),
      };
    }),
  );
}

/**
 * What the faults of the step in force had done as far as the journal tells, for what cannot be undone; without those of the
 * data plane where it lives and tells the final counts itself.
 */
export function countsOfOpenStep(
  events: readonly JournalEvent[],
  planeLives: boolean,
): readonly CountedFault[] {
  const step = lastOf(events, 'step-intended');
  if (!step || eventsOf(events, 'step-ended').some((ended) => ended.step === step.step)) return [];
  const renewed = eventsOf(events, 'renewed').findLast(({ epoch }) => epoch === step.epoch);
  const counts =
    renewed?.faults ??
    step.faults.map((fault) => {
      const id = fault.id ?? fault.type;
      return { ...fault, id, matched: 0, injected: 0, skipped: {}, uncounted: true as const };
    });
  return counts.filter(({ driver }) => !planeLives || driver !== undefined);
}

/** How long a dead run may still hold something on databases, ms: they let go by themselves when its lease is over. */
export function besideLeaseMs({ events }: UnfinishedRun, clock: Clock): number {
  const step = lastOf(events, 'step-intended');
  const drivers = firstOf(events, 'run-started')?.plan.drivers ?? [];
  if (step?.leaseMs === undefined || firstOf(events, 'rollback-emptied')) return 0;
  if (!step.faults.some(({ driver }) => endsWithLease(drivers, driver))) return 0;
  const prolonged = events.findLast(({ type }) => PROLONGS.has(type))!;
  const longest = step.leaseMs + GRACE_MS;
  // The wall clock may have been set back.
  return Math.min(longest, Math.max(0, Date.parse(prolonged.t) + longest - clock.wall()));
}

const PROLONGS: ReadonlySet<string> = new Set(['step-intended', 'step-applied', 'renewed']);

function endsWithLease(drivers: readonly DriverDeclaration[], name: string | undefined): boolean {
  const driver = drivers.find((known) => known.name === name);
  return driver !== undefined && driver.driver !== 'toxiproxy';
}
