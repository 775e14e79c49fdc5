import { type Clock, systemClock } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { Attributes, FaultSpec } from '../../core/fault.ts';
import { seededUnit } from '../../core/hash.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { EngagedSet, NamedFault, Target } from '../leased/index.ts';
import { type AnyAdminFault, CannotEngage, type Engaged } from './fault.ts';
import { Tally } from './tally.ts';
import { whyUnable } from './unable.ts';

/** A database, by a connection that is kept. */
export interface AdminServer {
  /** Connects where it is not connected; rejects with an Error that says why without quoting the address. */
  open(): Promise<void>;
  /** Whether it has ended, and with it what it held; false where that cannot be told. */
  gone(): Promise<boolean>;
  /** What of ours the server itself still shows, in words. */
  leftovers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface AdminTargetOptions<S extends AdminServer> {
  readonly kind: string;
  /** Name of the driver, for errors. */
  readonly name: string;
  readonly server: S;
  readonly faults: readonly AnyAdminFault<S>[];
  readonly clock?: Clock;
}

interface InForce {
  readonly fault: NamedFault;
  readonly engaged: Engaged<Attributes>;
}

/** Taking one fault back takes at most this long. */
const RELEASE_MS = 4000;

/** Fault sets as commands to a server that is administered by its own protocol. */
export function adminTarget<S extends AdminServer>(options: AdminTargetOptions<S>): Target {
  const { kind, name: driver, server, faults, clock = systemClock } = options;
  const catalogue = new Map(faults.map((fault) => [fault.type, fault]));
  const inForce = new Map<string, InForce>();
  const tallies = new Map<string, Tally>();
  let gone = false;

  const definitionOf = ({ type }: FaultSpec): AnyAdminFault<S> => {
    const definition = catalogue.get(type);
    if (definition) return definition;
    const reason = `it knows only ${[...catalogue.keys()].join(', ')}.${didYouMean(type, catalogue.keys())}`;
    throw new FaultlineError('DRIVER_CANNOT', {
      driver,
      kind,
      fault: type,
      reason: reason.replace(/\.$/, ''),
    });
  };

  const valuesOf = (fault: FaultSpec, leaseMs: number) => ({
    attributes: readAttributes(definitionOf(fault), fault.attributes ?? {}),
    toxicity: fault.toxicity ?? 1,
    leaseMs,
  });

  const open = async () => {
    try {
      await server.open();
    } catch (error) {
      throw new FaultlineError('DRIVER_UNREACHABLE', { driver, kind, reason: (error as Error).message });
    }
  };

  const engage = async (set: EngagedSet, fault: NamedFault, signal: AbortSignal) => {
    const tally = new Tally();
    tallies.set(fault.id, tally);
    const engaged = await definitionOf(fault).engage({
      ...valuesOf(fault, set.leaseMs),
      server,
      clock,
      signal,
      draw: (...parts) => seededUnit(set.seed, driver, fault.id, ...parts),
      matched: (units) => tally.matched(units),
      injected: (units) => tally.injected(units),
      skipped: (reason, units) => tally.skipped(reason, units),
    });
    inForce.set(fault.id, { fault, engaged });
  };

  const orRefuse = async (fault: FaultSpec, act: Promise<void>) => {
    try {
      await act;
    } catch (error) {
      if (error instanceof FaultlineError) throw error;
      const code = error instanceof CannotEngage ? 'DRIVER_REFUSED' : 'DRIVER_UNREACHABLE';
      throw new FaultlineError(code, { driver, kind, fault: fault.type, reason: (error as Error).message });
    }
  };

  return {
    kind,
    counts: true,
    async check(asked) {
      for (const fault of asked) {
        const reason = whyUnable(definitionOf(fault), fault);
        if (reason !== undefined)
          throw new FaultlineError('DRIVER_CANNOT', { driver, kind, fault: fault.type, reason });
      }
      for (const fault of asked) valuesOf(fault, 0);
      await open();
      for (const fault of asked) {
        const definition = definitionOf(fault);
        const reason = await definition
          .whyNot(valuesOf(fault, 0).attributes, server)
          .catch((error: Error) => error.message);
        if (reason !== undefined)
          throw new FaultlineError('DRIVER_REFUSED', { driver, kind, fault: fault.type, reason });
      }
    },
    async engage(set, signal) {
      tallies.clear();
      for (const fault of set.faults) {
        if (signal.aborted) return;
        await orRefuse(fault, engage(set, fault, signal));
      }
    },
    async renew(set) {
      const renewals = set.faults.map(async (fault) => {
        const held = inForce.get(fault.id);
        if (!held?.engaged.alive)
          throw new FaultlineError('DRIVER_UNREACHABLE', {
            driver,
            kind,
            reason: `${fault.type} was ended by somebody else`,
          });
        await orRefuse(fault, held.engaged.renew(valuesOf(fault, set.leaseMs)));
      });
      await Promise.all(renewals);
    },
    async release() {
      const all = [...inForce];
      const outcomes = await Promise.allSettled(
        all.map(([, { engaged }]) => inTime(clock, engaged.release())),
      );
      const failures = outcomes.flatMap((outcome, index) => {
        const [id, { fault }] = all[index]!;
        if (outcome.status === 'rejected') return [`${fault.type}: ${(outcome.reason as Error).message}`];
        inForce.delete(id);
        return [];
      });
      if (failures.length === 0) return;
      if (!(await server.gone()))
        throw new FaultlineError('NOT_TAKEN_BACK', { driver, kind, reason: failures.join('; ') });
      gone = true;
      inForce.clear();
    },
    async remaining() {
      if (inForce.size > 0) {
        return [...inForce.values()].filter(({ engaged }) => engaged.alive).map(({ fault }) => fault);
      }
      try {
        await open();
        gone = false;
        const left = await server.leftovers();
        return left.map((what) => ({ id: what, proxy: driver, type: what }));
      } catch (error) {
        gone = tallies.size > 0 && (await server.gone());
        if (gone) return [];
        throw error;
      }
    },
    remark: () => (gone ? 'its server has ended, and with it what it held' : undefined),
    countsOf: (id) => tallies.get(id)?.counts ?? { matched: 0, injected: 0, skipped: {} },
    // How many of the server's clients wait on what is in force, only the server knows.
    held: async () => (inForce.size > 0 ? undefined : 0),
    manual: async () => [],
    close: () => server.close(),
  };
}

function readAttributes({ type, attributes }: AnyAdminFault<never>, given: Attributes): Attributes {
  const read = attributes.safeParse(given);
  if (read.success) return read.data as Attributes;
  const { path, message } = read.error.issues[0]!;
  const values = {
    where: `attribute "${path.join('.')}" of fault "${type}"`,
    reason: message.replace(/\.$/, ''),
  };
  throw new FaultlineError('INVALID', values);
}

async function inTime(clock: Clock, act: Promise<void>): Promise<void> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(RELEASE_MS, () => reject(new Error(`not taken back within ${RELEASE_MS} ms`)));
  });
  await Promise.race([act, late]).finally(cancel);
}
