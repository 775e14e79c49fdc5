import { ENCRYPTED, ENCRYPTED_END_TO_END } from '../core/encrypted.ts';
import { compare } from '../core/expectation.ts';
import { type CountedFault, placeOf } from '../core/fault.ts';
import type { JournalEvent } from '../core/journal.ts';
import type { PlannedStep } from '../core/plan.ts';
import { formatCount } from '../core/units.ts';
import { ADMIN_FAULTS, endsConnections, factsOf } from '../drivers/catalogue.ts';
import { FAULTS } from '../faults/index.ts';
import { eventsOf, firstOf } from './journal/index.ts';

/** Whether each fault of a step was injected as often as the step asks: a fault that met no traffic proves nothing. */
export function injectedMet(step: PlannedStep, counts: readonly CountedFault[]): boolean {
  return shortfalls(step, counts).length === 0;
}

/** Counts of all steps that ended, by step and fault. */
export function injectionOf(events: readonly JournalEvent[]): readonly CountedFault[] {
  return eventsOf(events, 'step-ended').flatMap((event) => event.counts);
}

/** For each fault of a step that was not injected as often as asked, a sentence with the figures. */
export function missedInjections(events: readonly JournalEvent[]): readonly string[] {
  const steps = firstOf(events, 'run-started')?.plan.steps ?? [];
  return eventsOf(events, 'step-ended')
    .filter((event) => !event.injectedMet)
    .flatMap((event) => {
      const step = steps[event.step];
      if (!step) return [];
      const where = `in step ${event.step + 1} "${step.name}"`;
      const short = shortfalls(step, event.counts);
      if (short.length === 0) return [`injections were missed ${where}`];
      return short.map(({ text, why }) => `${text} ${where}${why ? `: ${why}` : ''}`);
    });
}

interface Shortfall {
  readonly text: string;
  /** Where it is known. */
  readonly why: string | undefined;
}

function shortfalls(step: PlannedStep, counts: readonly CountedFault[]): readonly Shortfall[] {
  const { injected } = step;
  if (injected === 'unproven') return [];
  return step.faults.flatMap((fault) => {
    const count = counts.find((counted) => counted.id === fault.id);
    if (compare(count?.injected ?? 0, injected.operator, injected.bound)) return [];
    const text = `fault ${fault.id} (${fault.type} on ${placeOf(fault)}) was injected ${count?.injected ?? 0} times of ${count?.matched ?? 0} matched, expected ${injected.operator} ${injected.bound},`;
    return [{ text, why: count && whyNever(count) }];
  });
}

function whyNever({ injected, skipped }: CountedFault): string | undefined {
  return injected === 0 && (skipped[ENCRYPTED] ?? 0) > 0 ? ENCRYPTED_END_TO_END : undefined;
}

/** What no rollback can undo, from the faults that end connections and how often they did. */
export function notUndone(counts: readonly CountedFault[]): readonly string[] {
  const lasting = new Map<string, { times: number; say(times: number): string | undefined }>();
  const uncounted = new Set<string>();
  for (const count of counts) {
    const by = `${count.type} on ${placeOf(count)}`;
    const say = (times: number) => lastingOf(count, times, by);
    const kind = say(2);
    if (kind === undefined) continue;
    if (count.uncounted) uncounted.add(`connections that ${by} ended, which nobody counted`);
    if (count.injected === 0) continue;
    const times = (lasting.get(kind)?.times ?? 0) + count.injected;
    lasting.set(kind, { times, say });
  }
  return [...[...lasting.values()].map(({ times, say }) => say(times)!), ...uncounted];
}

function lastingOf({ type, attributes }: CountedFault, times: number, by: string): string | undefined {
  const facts = factsOf(type);
  if (facts?.lasting) return facts.lasting(attributes ?? {}, times, by);
  if (!endsConnections(type, attributes)) return undefined;
  return `${formatCount(times, unitOf(type))} ${times === 1 ? 'was' : 'were'} ended by ${by}`;
}

/** What a fault ends, in the singular. */
function unitOf(type: string): string {
  if (FAULTS.get(type)?.layer === 'http') return 'request';
  return ADMIN_FAULTS.get(type)?.unit.replace(/s$/, '') ?? 'connection';
}
