import autocannon from 'autocannon';
import { build } from 'hdr-histogram-js';
import type { LoadRequest, LoadSpec } from '../core/plan.ts';
import { type Lane, lanesOf } from './lanes.ts';
import { mixOf } from './mix.ts';
import type { Playing } from './play.ts';
import { type ClientCounts, steady } from './steady-client.ts';

/** As long as a timer can be: the load ends when it is told to. */
const FOREVER_S = 2_000_000;
const TIMEOUT_S = 10;

/** Sends the load in this thread, at its rate, until the thread ends. */
export function fire(spec: LoadSpec): Playing {
  // In µs from 1 µs to 2 min, to three digits.
  const latencies = build({ lowestDiscernibleValue: 1, highestTrackableValue: 120_000_000 });
  const count = { answered: 0, broken: 0, timedOut: 0, non2xx: 0 };
  const counts: ClientCounts = {
    answered(status, ms) {
      count.answered++;
      if (status < 200 || status > 299) count.non2xx++;
      latencies.recordValue(Math.max(1, Math.round(ms * 1000)));
    },
    broken: () => count.broken++,
    timedOut: () => count.timedOut++,
  };
  const sequence = mixOf(spec.requests.map(({ weight }) => weight)).map((index) => spec.requests[index]!);
  let clients = 0;
  let ends: (() => void)[] = [];
  const resume = () => {
    ends = lanesOf(spec.connections, spec.rate).map((lane) => {
      let end = () => {};
      const timer = setTimeout(() => {
        end = start(spec.target, lane, () => rotate(sequence, clients++), counts);
      }, lane.delayMs);
      return () => {
        clearTimeout(timer);
        end();
      };
    });
  };
  resume();
  const seen = () => ({
    requests: count.answered + count.broken + count.timedOut,
    errors: count.broken,
    timeouts: count.timedOut,
    non2xx: count.non2xx,
    p50: count.answered === 0 ? 0 : latencies.getValueAtPercentile(50) / 1000,
    p99: count.answered === 0 ? 0 : latencies.getValueAtPercentile(99) / 1000,
  });
  return {
    pause: () => {
      for (const end of ends.splice(0)) end();
    },
    resume,
    seen,
    stop: async () => seen(),
  };
}

/** @returns ends it, and its connections, at once */
function start(
  target: string,
  lane: Lane,
  next: () => readonly LoadRequest[],
  counts: ClientCounts,
): () => void {
  const clients: { destroy(): void }[] = [];
  const instance = autocannon(
    {
      url: target,
      connections: lane.connections,
      overallRate: lane.rate,
      duration: FOREVER_S,
      timeout: TIMEOUT_S,
      setupClient(client) {
        client.setRequests(next().map(toRequest));
        steady(client, counts);
        clients.push(client as unknown as { destroy(): void });
      },
    },
    () => {},
  );
  return () => {
    // By itself it would send on until its next look at the clock.
    (instance as unknown as { stop(): void }).stop();
    for (const client of clients) client.destroy();
  };
}

function toRequest({ method, path, headers, body }: LoadRequest): autocannon.Request {
  return { method: method as 'GET', path, headers: { ...headers }, ...(body !== undefined && { body }) };
}

/** Each connection begins elsewhere in the mix, so that the mix is right at every moment and not only on the whole. */
function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
