import type { JournalEvent, RollbackProof } from '../../core/journal.ts';
import type { RecordedLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { AI_PROTOCOLS, type Protocol } from '../../core/protocol.ts';
import { lastOf, ofType, type TimedEvent, type TimedEventOf, timed } from './clock.ts';
import { type Departure, departuresOf } from './departures.ts';
import { type ProbeView, probesOf } from './probes.ts';
import { bringsLoad, type StepView, stepsOf } from './steps.ts';
import { type TrafficTick, trafficOf } from './traffic.ts';

export interface ProxyView {
  readonly name: string;
  readonly protocol: Protocol | undefined;
  /** A fault was in force on it at some time. */
  readonly faulted: boolean;
  readonly ai: boolean;
  readonly ticks: readonly TrafficTick[];
}

/** The time in which faults were in force, ms since the run began. */
export interface FaultSpan {
  readonly from: number;
  readonly to: number;
}

export type { ProbeView } from './probes.ts';

export interface RollbackView {
  readonly started: TimedEventOf<'rollback-started'>;
  readonly emptied: TimedEventOf<'rollback-emptied'> | undefined;
  readonly proof: (RollbackProof & { readonly at: number; readonly tookMs: number }) | undefined;
}

/** A journal made ready to be asked. All times (`at`) are ms since the run began. */
export interface RunView {
  readonly events: readonly TimedEvent[];
  readonly plan: Plan | undefined;
  /** The safety limits that held; undefined in journals that do not hold them. */
  readonly limits: RecordedLimits | undefined;
  /** Time of the last event. */
  readonly endAt: number;
  /** Of a run whose steps bring load and no fault: when the first of them began. */
  readonly firstFaultAt: number | null;
  /** From the first fault, or load of a step, to the emptied fault set (or the last event); null when there was neither. */
  readonly faulted: FaultSpan | null;
  readonly steps: readonly StepView[];
  readonly probes: readonly ProbeView[];
  readonly proxies: readonly ProxyView[];
  readonly departures: readonly Departure[];
  readonly breach: TimedEventOf<'breach'> | undefined;
  /** A limit on what the data plane observes. */
  readonly boundBreach: TimedEventOf<'bound-breached'> | undefined;
  readonly rollback: RollbackView | undefined;
  readonly recovery: TimedEventOf<'recovery'> | undefined;
  readonly ended: TimedEventOf<'run-ended'> | undefined;
}

export function viewOf(journal: readonly JournalEvent[]): RunView {
  const events = timed(journal);
  const started = ofType(events, 'run-started')[0];
  const plan = started?.plan;
  const rollback = rollbackOf(events);
  const first = firstOf(events, (event) => event.faults.length > 0) ?? firstOf(events, hasLoad(plan));
  const endAt = events.at(-1)?.at ?? 0;
  const firstFaultAt = first?.at ?? null;
  const emptiedAt = rollback?.emptied?.at ?? null;
  const steps = stepsOf(events, plan, emptiedAt ?? rollback?.started.at ?? null);
  return {
    events,
    plan,
    limits: started?.limits,
    endAt,
    firstFaultAt,
    faulted: firstFaultAt === null ? null : { from: firstFaultAt, to: emptiedAt ?? endAt },
    steps,
    probes: probesOf(events, plan, firstFaultAt),
    proxies: proxiesOf(events, plan),
    departures: departuresOf(events),
    breach: ofType(events, 'breach')[0],
    boundBreach: ofType(events, 'bound-breached')[0],
    rollback,
    recovery: lastOf(events, 'recovery'),
    ended: lastOf(events, 'run-ended'),
  };
}

type Intended = TimedEventOf<'step-intended'>;

/** When the first of these steps took force. */
function firstOf(
  events: readonly TimedEvent[],
  wanted: (event: Intended) => boolean,
): TimedEventOf<'step-applied'> | undefined {
  const epochs = new Set(
    ofType(events, 'step-intended')
      .filter(wanted)
      .map(({ epoch }) => epoch),
  );
  return ofType(events, 'step-applied').find(({ epoch }) => epochs.has(epoch));
}

function hasLoad(plan: Plan | undefined): (event: Intended) => boolean {
  return ({ step, name }) => {
    const planned = plan?.steps[step];
    return planned?.name === name && bringsLoad(planned);
  };
}

function rollbackOf(events: readonly TimedEvent[]): RollbackView | undefined {
  const started = ofType(events, 'rollback-started')[0];
  if (!started) return undefined;
  const proof = lastOf(events, 'rollback-proof');
  return {
    started,
    emptied: ofType(events, 'rollback-emptied')[0],
    proof: proof ? { ...proof.proof, at: proof.at, tookMs: proof.tookMs } : undefined,
  };
}

function proxiesOf(events: readonly TimedEvent[], plan: Plan | undefined): readonly ProxyView[] {
  const traffic = trafficOf(events);
  // A proxy of another driver may have the name of one here.
  const faults = ofType(events, 'step-intended').flatMap((event) => event.faults);
  const faulted = new Set(faults.filter(({ driver }) => driver === undefined).map(({ proxy }) => proxy));
  const names = new Set([...(plan?.proxies.map((proxy) => proxy.name) ?? []), ...traffic.keys()]);
  return [...names].map((name) => {
    const protocol = plan?.proxies.find((proxy) => proxy.name === name)?.protocol;
    return {
      name,
      protocol,
      faulted: faulted.has(name),
      ai: protocol !== undefined && (AI_PROTOCOLS as readonly Protocol[]).includes(protocol),
      ticks: traffic.get(name) ?? [],
    };
  });
}
