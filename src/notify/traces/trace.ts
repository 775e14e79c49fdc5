import type { JournalEvent, JournalEventOf } from '../../core/journal.ts';
import { EXIT, type Verdict } from '../../core/verdict.ts';

export type SpanValue = string | number | boolean;

/** A part of a run, with what it holds. Times are wall clock, ms. */
export interface TraceSpan {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, SpanValue>>;
  readonly events: readonly TraceEvent[];
  readonly children: readonly TraceSpan[];
  /** What did not go as it should, as a class and in words. */
  readonly error?: TraceError;
}

export interface TraceError {
  /** The span's `error.type`. */
  readonly type: string;
  readonly text: string;
}

export interface TraceEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: Readonly<Record<string, SpanValue>>;
}

/** One under construction. */
interface Open {
  name: string;
  start: number;
  end: number;
  attributes: Record<string, SpanValue>;
  events: TraceEvent[];
  children: Open[];
  error?: TraceError;
}

/**
 * A run as a trace: the run, and in it its baseline, gates, steps, rollback and recovery, each with what happened meanwhile.
 * Times are the start of the run on the wall clock plus the monotonic time of the journal, so that a clock that is set does not
 * bend it. A run without an end ends with its last event. Nothing where the journal does not begin.
 */
export function traceOf(events: readonly JournalEvent[]): TraceSpan | undefined {
  const started = events.find((event) => event.type === 'run-started');
  return started && new Tracer(started).play(events);
}

const NOT_BACK: TraceError = { type: 'not_recovered', text: 'the steady state did not return in time' };

function notProven(reason = 'not proven'): TraceError {
  return { type: 'rollback_not_proven', text: reason };
}

/** Few and fixed, so that traces can be counted by it. */
function errorOf(verdict: Verdict, exit: number): string {
  if (exit === EXIT.rollbackNotProven) return 'rollback_not_proven';
  return exit === EXIT.refused ? 'refused' : verdict;
}

class Tracer {
  readonly #root: Open;
  readonly #plan: JournalEventOf<'run-started'>['plan'];
  readonly #zero: number;
  #phase: Open | undefined;

  constructor({ t, mono, run, plan, version, by, limits }: JournalEventOf<'run-started'>) {
    this.#plan = plan;
    this.#zero = Date.parse(t) - mono;
    const attributes = {
      'faultline.run': run,
      'faultline.experiment': plan.name,
      'faultline.version': version,
      ...(by === undefined ? {} : { 'faultline.started_by': by }),
      ...(limits === undefined ? {} : { 'faultline.environment': limits.environment.name }),
    };
    this.#root = this.#open(`run ${plan.name}`, mono, attributes);
  }

  play(events: readonly JournalEvent[]): TraceSpan {
    for (const event of events) {
      this.#root.end = this.#zero + event.mono;
      this.#take(event);
    }
    this.#leave(events.at(-1)!.mono);
    if (events.at(-1)!.type !== 'run-ended')
      this.#root.error ??= { type: 'interrupted', text: 'the journal does not end' };
    return this.#root;
  }

  #take(event: JournalEvent): void {
    const { mono } = event;
    switch (event.type) {
      case 'gate-passed':
        this.#mark('gate passed', mono, { 'faultline.gate': event.gate });
        break;
      case 'gate-refused':
        this.#mark('gate refused', mono, {
          'faultline.gate': event.gate,
          'faultline.reason': event.reason,
        });
        break;
      case 'baseline-started':
        this.#enter('baseline', mono);
        break;
      case 'baseline':
        this.#leave(
          mono,
          event.healthy ? undefined : { type: 'unhealthy', text: event.reason ?? 'unhealthy' },
        );
        break;
      case 'step-gate':
        if (event.outcome === 'waiting') this.#enter(`gate before ${this.#step(event.step)}`, mono);
        else this.#leave(mono, event.outcome === 'reached' ? undefined : NOT_BACK);
        break;
      case 'step-intended':
        this.#enter(this.#step(event.step), mono, {
          'faultline.step': event.step + 1,
          'faultline.epoch': event.epoch,
          'faultline.faults': event.faults.map(({ proxy, type }) => `${proxy}: ${type}`).join(', '),
        });
        break;
      case 'step-ended':
        this.#endStep(event);
        break;
      case 'left-baseline':
        this.#mark('left baseline', mono, {
          'faultline.probe': event.probe,
          'faultline.expectation': event.expectation,
        });
        break;
      case 'returned':
        this.#mark('returned to baseline', mono, {
          'faultline.probe': event.probe,
          'faultline.expectation': event.expectation,
        });
        break;
      case 'breach':
        this.#breach(event, { 'faultline.probe': event.probe, 'faultline.limit': event.rule.text });
        break;
      case 'bound-breached':
        this.#breach(event, { 'faultline.limit': event.limit });
        break;
      case 'missing':
        this.#mark('sample missing', mono, { 'faultline.probe': event.probe });
        break;
      case 'rollback-started':
        this.#enter('rollback', mono, {
          'faultline.cause': event.cause,
          'faultline.reason': event.reason,
        });
        break;
      case 'rollback-emptied':
        this.#mark('emptied', mono, { 'faultline.took_ms': event.tookMs });
        break;
      case 'rollback-proof':
        this.#leave(mono, event.proof.proven ? undefined : notProven(event.proof.reason));
        this.#enter('recovery', mono);
        break;
      case 'recovery':
        this.#leave(mono, event.recovered ? undefined : NOT_BACK);
        break;
      case 'run-ended':
        this.#end(event);
        break;
    }
  }

  /** The counts of a step may come after the next one, or the rollback, has begun. */
  #endStep({ step, mono, counts, injectedMet }: JournalEventOf<'step-ended'>): void {
    const own = this.#root.children.findLast(({ attributes }) => attributes['faultline.step'] === step + 1);
    if (!own) return;
    own.attributes['faultline.injected'] = counts.reduce((sum, { injected }) => sum + injected, 0);
    if (!injectedMet)
      own.error ??= { type: 'not_met', text: 'its faults did not meet the traffic that was expected' };
    if (own === this.#phase) this.#leave(mono);
  }

  #end({ mono, verdict, exit, sentence }: JournalEventOf<'run-ended'>): void {
    this.#leave(mono);
    this.#root.attributes['faultline.verdict'] = verdict;
    this.#root.attributes['faultline.exit'] = exit;
    if (exit !== EXIT.held) this.#root.error = { type: errorOf(verdict, exit), text: sentence };
  }

  #step(index: number): string {
    return `step ${index + 1} ${this.#plan.steps[index]?.name ?? ''}`.trim();
  }

  #enter(name: string, mono: number, attributes: Record<string, SpanValue> = {}): void {
    this.#leave(mono);
    this.#phase = this.#open(name, mono, attributes);
    this.#root.children.push(this.#phase);
  }

  #leave(mono: number, error?: TraceError): void {
    if (!this.#phase) return;
    this.#phase.end = this.#zero + mono;
    if (error !== undefined) this.#phase.error ??= error;
    this.#phase = undefined;
  }

  #breach({ mono, text }: { mono: number; text: string }, attributes: Record<string, SpanValue>): void {
    this.#mark('breach', mono, { ...attributes, 'faultline.reason': text });
    this.#current.error ??= { type: 'breach', text };
  }

  #mark(name: string, mono: number, attributes: Record<string, SpanValue>): void {
    this.#current.events.push({ name, at: this.#zero + mono, attributes });
  }

  get #current(): Open {
    return this.#phase ?? this.#root;
  }

  #open(name: string, mono: number, attributes: Record<string, SpanValue>): Open {
    const start = this.#zero + mono;
    return { name, start, end: start, attributes, events: [], children: [] };
  }
}
