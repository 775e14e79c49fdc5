import { type Detector, NO_FAULT } from './contract.ts';
import { beforeFault, shareFailed } from './view/spans.ts';
import { substitutesOf } from './view/substitutes.ts';
import { agree, count, list, share } from './words.ts';

const LEAST_SHARE = 0.2;

/** Only a dependency that a system may do without failed, and a user got nothing. */
export const noFallback: Detector = {
  id: 'no-fallback',
  question: 'Is there anything to give users when an AI provider, another service or a cache fails?',
  condition:
    'Such a dependency alone failed in half of its calls or more, the calls came to an end, and a probe of something else (at least 10 samples, well before) failed by 20% or more; samples that fell into a crash of the process do not count.',
  evidence: 'answers of the failing dependency; failed samples of the probes at the same time',
  severities: ['critical', 'high'],
  remedy:
    'Answer without the dependency: accept the work and queue it, serve the last good result or a template and say so, or use a second provider behind a circuit breaker. What does not need it must not wait for it.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const judged = substitutesOf(view);
    if ('notAssessed' in judged) return judged;
    const worst = new Map<string, { share: number; samples: number; before: number; reason: string }>();
    for (const { services } of judged)
      for (const { probe, samples, failed, share: left } of services) {
        if (left < LEAST_SHARE || left <= (worst.get(probe.name)?.share ?? 0)) continue;
        const reason = mostFrequent(failed.map((sample) => sample.reason ?? 'failed'));
        const before = shareFailed(beforeFault(view, probe));
        worst.set(probe.name, { share: left, samples: samples.length, before, reason });
      }
    if (worst.size === 0) return undefined;
    const failed = [...worst].sort((a, b) => b[1].share - a[1].share);
    const dependencies = list([...new Set(judged.map(({ outage }) => outage.proxy.name))]);
    const names = list(failed.map(([probe]) => probe));
    return {
      severity: failed[0]![1].share >= 0.5 ? 'critical' : 'high',
      claim: `There is no fallback for ${dependencies}: ${names} failed while it alone was failing.`,
      evidence: failed.map(
        ([probe, one]) =>
          `${probe}: ${share(one.share)} of ${count(one.samples, 'sample')} failed in one step (${Number.isNaN(one.before) ? 'unknown' : share(one.before)} before), mostly: ${one.reason}`,
      ),
      nextExperiment: `All calls to ${dependencies} failing from the first second: ${names} ${agree(failed.length, 'goes', 'go')} on being served.`,
    };
  },
};

function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
