import { crashSpans } from './crashes.ts';
import { asksFaulted, withheld } from './spans.ts';
import type { FaultSpan, ProbeView, RunView } from './view.ts';
import { between, type TimedSample } from './window.ts';

/** How a probe was served over a span. */
export interface Service {
  readonly probe: ProbeView;
  readonly samples: readonly TimedSample[];
  /** Samples in which a user got nothing, though the process was there. */
  readonly failed: readonly TimedSample[];
  /** Failed samples as a share; NaN for no sample. */
  readonly share: number;
}

const HEALTH_PATH = /\/(health|healthz|healthcheck|ready|readyz|readiness|live|livez|liveness|status)\/?$/i;

/** Whether a probe asks what the system says of itself. */
export function asksHealth({ spec }: ProbeView): boolean {
  return spec?.kind === 'http' && HEALTH_PATH.test(spec.url.split(/[?#]/)[0]!);
}

/**
 * Probes of what users get: none that asks the faulted dependency itself, or how the system is. What fell into a crash of the
 * process is left out.
 */
export function serviceIn(view: RunView, span: FaultSpan): readonly Service[] {
  const crashes = crashSpans(view);
  return view.probes
    .filter((probe) => !asksFaulted(view, probe) && !asksHealth(probe))
    .map((probe) => {
      const samples = between(probe.samples, span.from, span.to).filter(
        ({ at }) => !crashes.some(({ from, to }) => at >= from && at <= to),
      );
      const failed = withheld(probe, samples);
      return { probe, samples, failed, share: failed.length / samples.length };
    });
}

/** Whether a sample is what a user would ask of the system, and not what somebody reads about it. */
export function isRequest({ spec }: ProbeView): boolean {
  return spec?.kind === 'http';
}
