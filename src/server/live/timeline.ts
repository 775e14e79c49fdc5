import type { EvidenceFigure, JournalEvent, RollbackCause, RollbackProof } from '../../core/journal.ts';
import type { Observation } from '../../core/observation.ts';
import { Counts } from '../../safety/bounds/counts.ts';
import { type BoundReading, RunBounds } from '../../safety/bounds/index.ts';

/** From when to when a step's faults were in force, ms of the run; `to` is null while they are. */
export interface StepSpan {
  readonly step: number;
  readonly from: number;
  readonly to: number | null;
}

export interface Moment {
  readonly at: number;
  readonly kind: 'first fault' | 'breach' | 'rollback' | 'proof';
}

/** How far taking back has come; times in ms of the run. */
export interface Rollback {
  readonly startedAt: number;
  readonly cause: RollbackCause;
  readonly reason: string;
  readonly by: string | null;
  readonly emptiedAt: number | null;
  readonly proof:
    | (Pick<RollbackProof, 'proven' | 'notUndone'> & {
        readonly at: number;
        readonly reason: string | null;
      })
    | null;
}

/** Answers a second that a proxy's upstream gave, and that faults made, up to a time of the run. */
export type Rate = readonly [at: number, organic: number, injected: number];

/** A quarter of an hour, at one observation a second. */
const MOST_RATES = 900;

/** What a picture of a run shows beside its samples: when steps were in force, what happened when, and what each proxy answered. */
export class Timeline {
  readonly steps: StepSpan[] = [];
  readonly moments: Moment[] = [];
  readonly rates = new Map<string, Rate[]>();
  /** The newest by probe and measure. */
  readonly evidence = new Map<string, EvidenceFigure>();
  rollback: Rollback | undefined;
  /** Why a gate did not let it begin. */
  refused: string | undefined;
  readonly #counts = new Counts();
  /** Observations before the first fault, which bounds are held against. */
  #early: Observation[] = [];
  #started: Extract<JournalEvent, { type: 'run-started' }> | undefined;
  #bounds: RunBounds | undefined;

  /** How far the run went, at most, towards each limit on what the data plane observes. */
  get bounds(): readonly BoundReading[] {
    return this.#bounds?.worst ?? [];
  }

  take(event: JournalEvent): void {
    const at = event.mono;
    switch (event.type) {
      case 'run-started':
        this.#started = event;
        break;
      case 'gate-refused':
        this.refused = event.reason;
        break;
      case 'observation':
        this.#observe(at, event.observation);
        break;
      case 'step-intended':
        this.#bound(event.epoch - 1);
        break;
      case 'step-applied':
        if (this.steps.length === 0) this.moments.push({ at, kind: 'first fault' });
        this.#endStep(at);
        this.steps.push({ step: event.step, from: at, to: null });
        break;
      case 'step-ended':
        this.#endStep(at);
        break;
      case 'evidence':
        this.evidence.set(`${event.probe} ${event.measure}`, event);
        break;
      case 'breach':
      case 'bound-breached':
        this.moments.push({ at, kind: 'breach' });
        break;
      case 'rollback-started':
        this.moments.push({ at, kind: 'rollback' });
        this.rollback = {
          startedAt: at,
          cause: event.cause,
          reason: event.reason,
          by: event.by ?? null,
          emptiedAt: null,
          proof: null,
        };
        break;
      case 'rollback-emptied':
        this.#endStep(at);
        if (this.rollback) this.rollback = { ...this.rollback, emptiedAt: at };
        break;
      case 'rollback-proof': {
        this.moments.push({ at, kind: 'proof' });
        const { proven, notUndone, reason = null } = event.proof;
        if (this.rollback) this.rollback = { ...this.rollback, proof: { at, proven, notUndone, reason } };
        break;
      }
    }
  }

  #endStep(at: number): void {
    const last = this.steps.at(-1);
    if (last?.to === null) this.steps[this.steps.length - 1] = { ...last, to: at };
  }

  #bound(seen: number): void {
    if (this.#bounds || !this.#started?.limits) return;
    this.#bounds = new RunBounds({ plan: this.#started.plan, limits: this.#started.limits, seen });
    for (const observation of this.#early) this.#bounds.observed(observation);
    this.#early = [];
  }

  #observe(at: number, observation: Observation): void {
    if (this.#bounds) this.#bounds.observed(observation);
    else this.#early.push(observation);
    for (const { proxy, ms, of } of this.#counts.take(observation)) {
      if (ms === 0) continue;
      const aSecond = (made: 'organic' | 'injected') =>
        (1000 / ms) *
        of(({ status }) => Object.values(status).reduce((sum, counts) => sum + counts[made], 0));
      const rates = this.rates.get(proxy) ?? [];
      rates.push([at, aSecond('organic'), aSecond('injected')]);
      if (rates.length > MOST_RATES) rates.shift();
      this.rates.set(proxy, rates);
    }
  }
}
