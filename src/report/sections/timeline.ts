import { placeOf } from '../../core/fault.ts';
import { formatQuantity } from '../../core/units.ts';
import type { TimedEvent } from '../../lessons/view/clock.ts';
import type { RunView } from '../../lessons/view/view.ts';
import { count, figure, list, measureOf, seconds } from '../../lessons/words.ts';
import type { TimelineEntry, Tone } from '../summary.ts';
import type { Seconds } from './base.ts';
import { notJudged } from './judged.ts';

/** All that happened, without samples, observations and renewals. */
export function timelineOf(view: RunView, s: Seconds): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  for (const event of view.events) {
    const told = tell(view, event);
    if (told) entries.push({ t: event.t, s: s(event.at), tone: told[0], text: told[1] });
  }
  return entries;
}

function tell(view: RunView, event: TimedEvent): [Tone, string] | undefined {
  switch (event.type) {
    case 'run-started':
      return ['plain', `Run ${event.run} began`];
    case 'data-plane':
      return [
        'plain',
        `The data plane at ${event.control} was ${event.adopted ? 'found running' : 'started'} with ${list(Object.keys(event.proxies), 6)}`,
      ];
    case 'gate-refused':
      return ['bad', `Refused by the gate "${event.gate}": ${event.reason}`];
    case 'baseline-started':
      return ['plain', 'The baseline began'];
    case 'baseline':
      return event.healthy
        ? ['good', `The baseline is healthy: ${count(event.windows.length, 'probe')}`]
        : ['bad', `The baseline is not healthy: ${event.reason ?? 'no reason given'}`];
    case 'step-gate':
      if (event.outcome === 'waiting')
        return ['plain', `Waiting for the steady state before step ${event.step + 1}`];
      return event.outcome === 'reached'
        ? ['good', `The steady state was back after ${seconds(event.waitedMs ?? 0)}`]
        : ['bad', `The steady state did not come back within ${seconds(event.waitedMs ?? 0)}`];
    case 'step-held':
      return event.outcome === 'waiting'
        ? ['plain', `Step ${event.step + 1} is held back; the faults before it are taken back`]
        : ['plain', `Step ${event.step + 1} was let go after ${seconds(event.waitedMs ?? 0)}`];
    case 'step-skipped':
      return ['plain', `Step ${event.step + 1} was left out by hand`];
    case 'step-applied': {
      const step = view.steps.find((other) => other.epoch === event.epoch);
      const faults = (step?.faults ?? []).map((fault) => `${placeOf(fault)}: ${fault.sentence}`);
      return [
        faults.length > 0 ? 'fault' : 'plain',
        `Step ${step?.number ?? event.step + 1} "${step?.name ?? ''}" took force${faults.length > 0 ? `: ${faults.join('; ')}` : ''}`,
      ];
    }
    case 'step-ended': {
      const injected = event.counts.reduce((sum, fault) => sum + fault.injected, 0);
      const uncounted = [...new Set(event.counts.filter((fault) => fault.uncounted).map(placeOf))];
      const step = view.steps.find((other) => other.name === view.plan?.steps[event.step]?.name);
      return [
        'plain',
        `Step ${event.step + 1}${step ? ` "${step.name}"` : ''} ended with ${count(injected, 'injection')}${uncounted.length > 0 ? `, beside those on ${list(uncounted)}, which nobody counts` : ''}${event.injectedMet ? '' : ', fewer than expected'}`,
      ];
    }
    case 'search-try': {
      const unit = view.plan?.steps[event.step]?.search?.unit ?? '';
      const value = `${event.attribute} ${formatQuantity(event.value, unit)}`;
      return event.good
        ? ['good', `The system held at ${value}`]
        : ['bad', `The system did not hold at ${value}: ${event.missed ?? 'no reason given'}`];
    }
    case 'search-ended':
      return ['plain', `The search "${event.search}" has its answer`];
    case 'left-baseline': {
      const measure = measureOf(event.expectation);
      return [
        'bad',
        `${event.probe} left its baseline: ${measure} ${figure(measure, event.value)} against ${figure(measure, event.baseline)} (expected ${event.expectation})`,
      ];
    }
    case 'returned':
      return ['good', `${event.probe} is back: ${event.expectation}`];
    case 'judging': {
      const short = event.tests.filter(({ needs }) => needs !== undefined);
      return short.length > 0
        ? [
            'plain',
            `${event.probe} was not held against its baseline in full: ${short.map(notJudged).join('; ')}`,
          ]
        : undefined;
    }
    case 'evidence':
      return [
        'plain',
        `Evidence that ${event.probe} is worse than its baseline in ${event.measure}: ${event.evidence} of ${event.threshold}, after ${count(event.samples, 'sample')}`,
      ];
    case 'breach':
    case 'bound-breached':
      return ['bad', `Limit breached: ${event.text}`];
    case 'missing':
      return ['bad', `${event.probe} has given no sample for ${seconds(event.ageMs)}`];
    case 'rollback-started':
      return [
        'plain',
        event.cause === 'breach'
          ? 'Rollback began'
          : `Rollback began: ${event.reason}${event.by === undefined ? '' : `, by ${event.by}`}`,
      ];
    case 'rollback-emptied':
      return ['good', `All faults were taken back, in ${seconds(event.tookMs)}`];
    case 'rollback-proof':
      return event.proof.proven
        ? [
            'good',
            `Proven after ${seconds(event.tookMs)}: the fault set is empty${event.proof.held === null ? '' : ', nothing is held'}, every canary answers as without Faultline`,
          ]
        : ['bad', `NOT PROVEN that nothing is left: ${event.proof.reason ?? 'no reason given'}`];
    case 'recovery':
      return event.recovered
        ? ['good', `The system had recovered ${seconds(event.afterMs ?? 0)} after the rollback`]
        : ['bad', 'The system did not recover in time'];
    case 'note':
      return ['plain', event.text];
    case 'run-ended':
      return ['plain', `The run ended: ${event.sentence}`];
    default:
      return undefined;
  }
}
