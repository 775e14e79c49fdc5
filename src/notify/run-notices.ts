import type { JournalEvent, JournalEventOf } from '../core/journal.ts';
import { formatDuration } from '../core/units.ts';
import type { Notice } from './contract.ts';

type Told = Omit<Notice, 'run' | 'experiment' | 'at'>;

/** Turns the events of one run, in order, into what is worth telling. Pure but for what it remembers of them. */
export class RunNotices {
  #started: JournalEventOf<'run-started'> | undefined;
  #stepBegan: string | undefined;
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  /** The notice of an event, or nothing. */
  take(event: JournalEvent): Notice | undefined {
    if (event.type === 'run-started') this.#started = event;
    const started = this.#started;
    if (!started) return undefined;
    const told = this.#tell(event, started);
    return told && { ...told, at: event.t, run: started.run, experiment: started.plan.name };
  }

  /** The notice of a run whose process is gone without an end in its journal. */
  lost(at: string): Notice | undefined {
    const started = this.#started;
    if (!started || this.#ended) return undefined;
    return {
      occasion: 'end',
      at,
      from: started.t,
      run: started.run,
      experiment: started.plan.name,
      headline: `${started.plan.name}: its process ended in mid-run`,
      text: 'Its faults end with their lease; "faultline recover" proves that nothing is left and writes its report.',
    };
  }

  #tell(event: JournalEvent, { t, plan, by }: JournalEventOf<'run-started'>): Told | undefined {
    const { name } = plan;
    switch (event.type) {
      case 'run-started':
        return {
          occasion: 'start',
          headline: `${name} started${by === undefined ? '' : ` by ${by}`}`,
          text: plan.hypothesis,
        };
      case 'step-applied':
        this.#stepBegan = event.t;
        return undefined;
      case 'step-ended': {
        const step = plan.steps[event.step];
        const text = (step?.faults ?? []).map(({ proxy, sentence }) => `${proxy}: ${sentence}`).join('; ');
        return {
          occasion: 'step',
          from: this.#stepBegan ?? event.t,
          headline: `${name}, step ${event.step + 1}: ${step?.name ?? ''}`,
          text: text || 'no fault',
        };
      }
      case 'breach':
      case 'bound-breached':
        return { occasion: 'breach', headline: `${name}: a safety limit was breached`, text: event.text };
      case 'missing':
        return {
          occasion: 'breach',
          headline: `${name}: a probe says nothing`,
          text: `${event.probe} has had no sample for ${formatDuration(Math.round(event.ageMs))}`,
        };
      case 'rollback-started':
        if (event.cause === 'finished') return undefined;
        return { occasion: 'rollback', headline: `${name}: everything is taken back`, text: event.reason };
      case 'rollback-proof':
        if (event.proof.proven) return undefined;
        return {
          occasion: 'rollback',
          headline: `${name}: the rollback is NOT proven`,
          text: event.proof.reason ?? 'faults may still be in force',
        };
      case 'run-ended':
        this.#ended = true;
        return {
          occasion: 'end',
          from: t,
          headline: `${name}: ${event.verdict}`,
          // It begins with the verdict, which the headline tells already.
          text: event.sentence.replace(`${event.verdict}: `, ''),
          verdict: event.verdict,
          exit: event.exit,
        };
      default:
        return undefined;
    }
  }
}
