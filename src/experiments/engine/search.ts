import { type Clock, sleep } from '../../core/clock.ts';
import type { Plan, PlannedStep } from '../../core/plan.ts';
import type { HealthWatch } from '../../safety/contract.ts';
import { bracketOf, nextValue, type Tried } from '../bisection.ts';
import type { Journal } from '../journal/index.ts';
import { withValue } from '../plan/search.ts';
import { faultsAt } from './ramp.ts';
import { holdsNow, LOOK_MS } from './steady-state.ts';

interface TryOptions {
  readonly plan: Plan;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly watch: HealthWatch;
  readonly signal: AbortSignal;
}

/** The searches of a run: which value each of their tries plays, and what the tries found. */
export class Searches {
  readonly #tried = new Map<string, Tried[]>();

  /** The step as it is to be played now; undefined for a try of a search that has its answer. */
  next(step: PlannedStep): PlannedStep | undefined {
    if (!step.search) return step;
    const value = this.#nextOf(step);
    return value === undefined ? undefined : atValue(step, value);
  }

  /**
   * Lasts as long as the step's try, or until an expectation is missed: then the answer is known, and nobody shall suffer
   * longer for it. Records what came of it, unless the run is being stopped.
   */
  async play(step: PlannedStep, index: number, options: TryOptions): Promise<void> {
    const { journal, signal } = options;
    const missed = await watchTry(step, options);
    if (signal.aborted) return;
    const { name: search, attribute } = step.search!;
    const value = playedValue(step);
    const good = missed === undefined;
    const tried = [...(this.#tried.get(search) ?? []), { value, good }];
    this.#tried.set(search, tried);
    const found = { type: 'search-try', step: index, search, attribute, value, good } as const;
    void journal.append(missed === undefined ? found : { ...found, missed }, { sync: false });
    if (this.#nextOf(step) !== undefined) return;
    const { lastGood = null, firstBad = null } = bracketOf(tried);
    void journal.append({ type: 'search-ended', search, attribute, lastGood, firstBad }, { sync: false });
  }

  #nextOf(step: PlannedStep): number | undefined {
    const search = step.search!;
    return nextValue(search, this.#tried.get(search.name) ?? [], (value) => admitted(step, value));
  }
}

/** What was missed first; undefined where all expectations held to the end. */
async function watchTry(
  { durationMs }: PlannedStep,
  { plan, clock, watch, signal }: TryOptions,
): Promise<string | undefined> {
  const began = clock.now();
  const until = began + durationMs;
  for (;;) {
    await sleep(clock, Math.max(0, Math.min(LOOK_MS, until - clock.now())), signal);
    if (signal.aborted) return undefined;
    const now = clock.now();
    for (const { name } of plan.probes) {
      const [missed] = watch.window(name, now, began).missed;
      if (missed) return `${name}: ${missed.text}`;
    }
    if (now < until) continue;
    const unjudged = plan.probes.find(({ name }) => !holdsNow(watch, name, began, now));
    // A try is long enough for a probe at its own pace; one that cannot keep it has not held.
    return unjudged && `${unjudged.name}: answers came too seldom to be judged`;
  }
}

function atValue(step: PlannedStep, value: number): PlannedStep {
  const fixed = { from: value, to: value };
  return { ...step, faults: step.faults.map((fault) => withValue(fault, step.search!.attribute, fixed)) };
}

/** Three digits are enough for people; where an attribute takes whole numbers only, the faults are made of them. */
function admitted(step: PlannedStep, value: number): number {
  return playedValue(atValue(step, Number(value.toPrecision(3))));
}

function playedValue(step: PlannedStep): number {
  const { attribute } = step.search!;
  const [fault] = faultsAt(step, 0);
  return attribute === 'toxicity' ? fault!.toxicity! : Number(fault!.attributes![attribute]);
}
