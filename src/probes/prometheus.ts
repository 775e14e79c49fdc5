import type { ProbeSpec } from '../core/plan.ts';
import { parseSelector, sumOf } from './exposition.ts';
import { createFetcher } from './fetch.ts';
import { ProbeFailure } from './reason.ts';
import { expand, expandAll, type ProbeContext } from './secrets.ts';
import type { Source } from './timed.ts';

const BODY_CAP = 16 * 2 ** 20;

/** Reads a metrics page; the value is the sum of the series that the selector matches. */
export function prometheusSource(
  spec: Extract<ProbeSpec, { kind: 'prometheus' }>,
  context: ProbeContext,
): Source {
  const fetcher = createFetcher();
  return {
    async attempt(signal) {
      const selector = parseSelector(spec.metric);
      if (!selector) throw new ProbeFailure('the metric is not written as name or name{label="value"}');
      const page = await fetcher.fetch({
        url: expand(spec.url, context),
        method: 'GET',
        headers: { accept: 'text/plain;version=0.0.4', ...expandAll(spec.headers, context) },
        cap: BODY_CAP,
        keepBody: true,
        signal,
      });
      if (page.status !== 200) throw new ProbeFailure(`the metrics page answered ${page.status}`);
      if (page.cut) throw new ProbeFailure('the metrics page is too long to read');
      const value = sumOf(page.body, selector);
      if (value === undefined)
        throw new ProbeFailure('the metrics page has no series of that name and labels');
      return { status: page.status, value };
    },
    close: () => fetcher.close(),
  };
}
