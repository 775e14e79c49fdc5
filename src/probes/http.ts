import type { ProbeSpec } from '../core/plan.ts';
import { createFetcher } from './fetch.ts';
import { expand, expandAll, type ProbeContext } from './secrets.ts';
import type { Source } from './timed.ts';

/** Of a longer body no more is read: the sample ends there. */
const BODY_CAP = 4 * 2 ** 20;

/** Measures the time from before the connection is made to the end of the body. The status is what the server gave, a redirect's too. */
export function httpSource(spec: Extract<ProbeSpec, { kind: 'http' }>, context: ProbeContext): Source {
  const fetcher = createFetcher();
  return {
    async attempt(signal) {
      const { status } = await fetcher.fetch({
        url: expand(spec.url, context),
        method: spec.method,
        headers: expandAll(spec.headers, context),
        body: spec.body,
        cap: BODY_CAP,
        keepBody: false,
        signal,
      });
      return { status };
    },
    close: () => fetcher.close(),
  };
}
