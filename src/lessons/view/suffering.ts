import { isRequest, type Service, serviceIn } from './served.ts';
import { beforeFault } from './spans.ts';
import type { FaultSpan, RunView } from './view.ts';
import { measure } from './window.ts';

/** A probe whose users were worse off in a span than before the first fault. */
export interface Suffering {
  readonly service: Service;
  readonly sentence: string;
}

const LEAST_SAMPLES = 10;
const FAILED = 0.2;
const SLOWER = 5;
/** Answers faster than this are not called slow, however fast they were before. */
const SLOW_MS = 250;

/** Requests that failed for a fifth of the samples and more, or took five times as long. */
export function sufferingIn(view: RunView, span: FaultSpan): readonly Suffering[] {
  return serviceIn(view, span).flatMap((service) => {
    const { probe, samples, share } = service;
    if (!isRequest(probe) || samples.length < LEAST_SAMPLES) return [];
    const before = beforeFault(view, probe);
    if (before.filter(({ ok }) => !ok).length > before.length * 0.05) return [];
    const usual = measure(before, 'p95');
    const now = measure(samples, 'p95');
    if (share >= FAILED)
      return [
        {
          service,
          sentence: `${probe.name} failed in ${Math.round(share * 100)}% of ${samples.length} samples then`,
        },
      ];
    if (now >= Math.max(SLOW_MS, usual * SLOWER))
      return [
        {
          service,
          sentence: `${probe.name} took ${Math.round(now)} ms then (p95), ${Math.round(usual)} ms before`,
        },
      ];
    return [];
  });
}
