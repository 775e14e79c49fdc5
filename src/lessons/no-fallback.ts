import type { Detector } from './contract.ts';
import { beforeFault, shareFailed, underFault, withheld } from './view/spans.ts';
import { count, list, share } from './words.ts';

/** Only an AI provider failed, and a user got nothing. */
export const noFallback: Detector = {
  id: 'no-fallback',
  question: 'Is there anything to give users when the AI provider fails?',
  detect(view) {
    const faulted = view.proxies.filter((proxy) => proxy.faulted);
    if (faulted.length === 0) return { notAssessed: 'no fault was injected' };
    if (!faulted.every((proxy) => proxy.ai))
      return { notAssessed: 'the faults were not on AI providers alone' };
    const failed = view.probes
      .map((probe) => {
        const samples = underFault(view, probe);
        const failures = withheld(probe, samples);
        const reasons = failures.map((sample) => sample.reason ?? 'failed');
        return {
          probe: probe.name,
          samples,
          share: failures.length / samples.length,
          before: shareFailed(beforeFault(view, probe)),
          reason: mostFrequent(reasons),
        };
      })
      .filter((one) => one.samples.length >= 10 && one.share >= 0.2 && !(one.before > 0.05))
      .sort((a, b) => b.share - a.share);
    if (failed.length === 0) return undefined;
    const names = list(failed.map((one) => one.probe));
    return {
      severity: failed[0]!.share >= 0.5 ? 'critical' : 'high',
      claim: `There is no fallback for ${list(faulted.map((proxy) => proxy.name))}: ${names} failed while it alone was failing.`,
      evidence: failed.map(
        (one) =>
          `${one.probe}: ${share(one.share)} of ${count(one.samples.length, 'sample')} failed under the faults (${Number.isNaN(one.before) ? 'unknown' : share(one.before)} before), mostly: ${one.reason}`,
      ),
      remedy:
        'Answer without the provider: accept the work and queue it, serve the last good result or a template and say so, or use a second provider behind a circuit breaker. What needs no AI must not wait for it.',
      nextExperiment: 'The provider dark from the first second, with a probe on what users still get.',
    };
  },
};

function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
