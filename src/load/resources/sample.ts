import type { Clock } from '../../core/clock.ts';
import { parseSelector, sumOf } from '../../probes/exposition.ts';
import { createFetcher } from '../../probes/fetch.ts';
import { type ResourceSample, ROLES, type Role } from './roles.ts';

export interface MetricsSource {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Metrics by names of the user's own: `name` or `name{label="value"}`. */
  readonly names?: Partial<Record<Role, string>>;
}

export interface Sampling {
  /** Ends it, with what was read; calling it again gives the same. `problem` tells why nothing was, in a sentence without a full stop. */
  stop(): Promise<{ readonly samples: readonly ResourceSample[]; readonly problem?: string }>;
}

const PAGE_CAP = 16 << 20;
const GIVEN_MS = 5000;

/** Reads a Prometheus page again and again, the first time at once and a last time at the end. */
export function sampleMetrics(source: MetricsSource, everyMs: number, clock: Clock): Sampling {
  const fetcher = createFetcher();
  const began = clock.now();
  const samples: ResourceSample[] = [];
  let problem: string | undefined;
  let cancel = () => {};

  const read = async () => {
    try {
      const at = clock.now() - began;
      const { status, body } = await fetcher.fetch({
        url: source.url,
        method: 'GET',
        headers: { accept: 'text/plain;version=0.0.4', ...source.headers },
        cap: PAGE_CAP,
        keepBody: true,
        signal: AbortSignal.timeout(GIVEN_MS),
      });
      if (status === 200) samples.push({ at, values: valuesOf(body, source.names) });
      else problem = `the metrics page answered ${status}`;
    } catch {
      problem = 'the metrics page did not answer';
    }
  };

  let reading = read();
  const again = () => {
    cancel = clock.after(everyMs, () => {
      reading = read().then(again);
    });
  };
  reading = reading.then(again);
  const end = async () => {
    await reading;
    cancel();
    await read();
    await fetcher.close();
    return { samples, ...(samples.length === 0 && problem !== undefined ? { problem } : {}) };
  };
  let ended: ReturnType<typeof end> | undefined;
  return {
    stop() {
      ended ??= end();
      return ended;
    },
  };
}

function valuesOf(page: string, names: MetricsSource['names'] = {}): ResourceSample['values'] {
  const values: Partial<Record<Role, number>> = {};
  for (const [role, known] of Object.entries(ROLES) as [Role, readonly string[]][]) {
    const own = names[role];
    for (const name of own === undefined ? known : [own]) {
      const selector = parseSelector(name);
      const value = selector && sumOf(page, selector);
      if (value === undefined) continue;
      values[role] = value;
      break;
    }
  }
  return values;
}
