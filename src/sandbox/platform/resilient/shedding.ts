import { byPriority, type Mode, type Work, type WorkKind } from './priority.ts';

export type Severity = 'none' | 'medium' | 'high' | 'critical';
/** What becomes of work that is shed, or of a heavy one that is kept. */
export type Measure = 'degrade' | 'pause' | 'checkpoint' | 'cache' | 'end';

/** A piece of work that can be asked to take less, to stop for a while, or to end. */
export interface Running extends Work {
  shed(measure: Measure): void;
  /** Capacity is back. */
  resume?(): void;
}

export interface Decision {
  readonly work: Running;
  readonly measure: Measure;
}

/** Load as a share of capacity from which a severity holds. */
const FROM: readonly (readonly [Severity, number])[] = [
  ['critical', 1],
  ['high', 0.9],
  ['medium', 0.8],
];
/** Load that a severity brings it down to. */
const TARGET: Readonly<Record<Severity, number>> = { none: 1, medium: 1, high: 0.8, critical: 0.7 };
/** Below this, what was shed comes back. */
const RESUME_BELOW = 0.7;
/** Work that takes more of all capacity than this is degraded before anything else is shed. */
const HEAVY = 0.05;
/** What degraded work still takes: the smaller model alone saves 60%. */
const DEGRADED = 0.4;

const MEASURES: Partial<Record<WorkKind, Measure>> = {
  consolidation: 'pause',
  execution: 'checkpoint',
  deliverable: 'checkpoint',
  discovery: 'cache',
};
/** What is given up first, whatever it is worth otherwise. */
const DISPENSABLE: ReadonlySet<WorkKind> = new Set<WorkKind>(['discovery', 'telemetry']);

function severityOf(usage: number): Severity {
  return FROM.find(([, from]) => usage >= from)?.[0] ?? 'none';
}

function modeOf(severity: Severity): Mode {
  return severity === 'critical' ? 'emergency' : 'degradation';
}

/**
 * What to do about the work under way so that load comes down to the severity's target. Medium: heavy work is degraded
 * and the dispensable stops. High: then the least important is shed. Critical: the same by emergency weights, and
 * further down. Heavy work is degraded before anything is shed: a smaller model for one that is nearly done costs less
 * than doing it again, and what it saves keeps others.
 */
export function decide(
  running: readonly Running[],
  usage: number,
  degraded: ReadonlySet<Running> = new Set(),
): Decision[] {
  const severity = severityOf(usage);
  if (severity === 'none') return [];
  const decisions: Decision[] = [];
  const taking = new Map(running.map((work) => [work, work.share]));
  let load = usage;
  for (const work of running.filter((one) => one.share > HEAVY && !degraded.has(one))) {
    decisions.push({ work, measure: 'degrade' });
    load -= work.share * (1 - DEGRADED);
    taking.set(work, work.share * DEGRADED);
  }
  const shed = (work: Running) => {
    decisions.push({ work, measure: MEASURES[work.kind] ?? 'end' });
    load -= taking.get(work)!;
  };
  for (const work of running) if (DISPENSABLE.has(work.kind)) shed(work);
  const rest = running.filter(({ kind }) => !DISPENSABLE.has(kind)).sort(byPriority(modeOf(severity)));
  if (severity !== 'medium') {
    for (const work of rest) {
      if (load <= TARGET[severity]) break;
      shed(work);
    }
  }
  return decisions;
}

/** Lets work go, and back in, as load rises and falls. */
export class LoadShedder {
  readonly #usage: () => number;
  readonly #onShed: (decision: Decision) => void;
  readonly #running = new Set<Running>();
  readonly #degraded = new Set<Running>();
  readonly #stopped = new Set<Running>();
  #severity: Severity = 'none';

  /** @param usage load as a share of capacity, now; above 1 when more is wanted than there is */
  constructor(usage: () => number, onShed: (decision: Decision) => void = () => {}) {
    this.#usage = usage;
    this.#onShed = onShed;
  }

  get severity(): Severity {
    return this.#severity;
  }

  /** Work that was stopped and waits for capacity. */
  get waiting(): number {
    return this.#stopped.size;
  }

  /** From now on this work can be shed, until the function returned is called. */
  watch(work: Running): () => void {
    this.#running.add(work);
    return () => {
      this.#running.delete(work);
      this.#degraded.delete(work);
      this.#stopped.delete(work);
    };
  }

  /** Whether new work is taken on: in a critical hour only the best customers'. */
  admits(work: Work): boolean {
    if (this.#severity === 'critical') return work.tier === 'enterprise';
    if (this.#severity === 'high') return work.tier !== 'other';
    return true;
  }

  /** Judges the load of this moment. To be called at even intervals. */
  look(): void {
    const usage = this.#usage();
    this.#severity = severityOf(usage);
    if (this.#severity === 'none') {
      if (usage < RESUME_BELOW) this.#resume(usage);
      return;
    }
    for (const decision of decide([...this.#running], usage, this.#degraded)) this.#act(decision);
  }

  #act(decision: Decision): void {
    const { work, measure } = decision;
    if (measure === 'degrade') {
      this.#degraded.add(work);
    } else {
      this.#running.delete(work);
      this.#degraded.delete(work);
      if (work.resume) this.#stopped.add(work);
    }
    this.#onShed(decision);
    work.shed(measure);
  }

  #resume(usage: number): void {
    for (const work of this.#degraded) work.resume?.();
    this.#degraded.clear();
    let load = usage;
    for (const work of [...this.#stopped].sort(byPriority('degradation')).reverse()) {
      if (load + work.share > TARGET.high) continue;
      load += work.share;
      this.#stopped.delete(work);
      this.#running.add(work);
      work.resume?.();
    }
  }
}
