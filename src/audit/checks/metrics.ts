import { z } from 'zod';
import type { Flaw } from '../contract.ts';
import { checkKind, NOTHING, plainUrl } from './kind.ts';

const schema = z
  .strictObject({ url: plainUrl('The metrics page: http://127.0.0.1:3000/metrics.') })
  .describe('Reads a Prometheus page; it must tell the rate, the errors and the duration of requests.');

const REQUESTS = /request|http|rpc|call/i;

/** What a page must tell of requests (Prometheus text format 0.0.4), by what its families are called and typed. */
const SIGNALS: Readonly<Record<string, (page: Page) => boolean>> = {
  rate: ({ families }) =>
    families.some(
      ({ name, type }) => REQUESTS.test(name) && ['counter', 'histogram', 'summary'].includes(type),
    ),
  errors: ({ families, text }) =>
    /\{[^}\n]*\b(status|status_code|code|outcome|result|error)="/.test(text) ||
    families.some(({ name, type }) => type === 'counter' && /error|fail|exception/i.test(name)),
  duration: ({ families }) =>
    families.some(
      ({ name, type }) =>
        (type === 'histogram' || type === 'summary') && /duration|latency|seconds|millis|_ms\b/i.test(name),
    ),
};

interface Page {
  readonly text: string;
  readonly families: readonly { readonly name: string; readonly type: string }[];
}

const REMEDY =
  'Measure every request at one place, in a histogram of its duration with its route and status as labels, and offer it as a Prometheus page: rate, errors and duration all come of it.';

export const metrics = checkKind<z.output<typeof schema>>({
  schema,
  answers: 'observability',
  addresses: ({ url }) => [url],
  async run({ url }, { ask }) {
    const answer = await ask({ url, headers: { accept: 'text/plain;version=0.0.4' } });
    if ('failed' in answer) return { ...NOTHING, untold: [`the metrics page: ${answer.failed}`] };
    const families = [...answer.body.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name, type]) => ({
      name: name!,
      type: type!,
    }));
    if (answer.status !== 200 || families.length === 0) {
      const seen = answer.status === 200 ? 'a page without any metric' : `status ${answer.status}`;
      return { ...NOTHING, flaws: [flaw('no-metrics', 'high', 'The system offers no metrics.', seen)] };
    }
    const page = { text: answer.body, families };
    const missing = Object.keys(SIGNALS).filter((signal) => !SIGNALS[signal]!(page));
    return {
      shown: Object.keys(SIGNALS)
        .filter((signal) => !missing.includes(signal))
        .map((signal) => `the metrics tell the ${signal} of requests`),
      flaws: missing.map((signal) =>
        flaw(
          `no-${signal}`,
          'medium',
          `The metrics do not tell the ${signal} of requests.`,
          `none of ${families.length} metric families does`,
        ),
      ),
      untold: [],
    };
  },
});

function flaw(slug: string, severity: Flaw['severity'], claim: string, seen: string): Flaw {
  return { slug, severity, claim, evidence: [`the metrics page: ${seen}`], remedy: REMEDY };
}
