import type { EventEmitter } from 'node:events';
import type { Client } from 'autocannon';

/**
 * autocannon's client has no public way to wait before it connects again, and needs one here: a target that refuses or
 * drops connections is what an experiment makes. Left alone it connects again at once, some ten thousand times a second, and
 * goes on with the answer it still awaited from the lost connection, so that every later answer is timed from the request
 * before. These are the parts of its version 8 that are used.
 */
interface Inner extends EventEmitter {
  _connect(): void;
  _doRequest(): void;
  readonly rate: number;
  readonly destroyed: boolean;
  readonly pipelinedRequests: { size(): number; clear(): void };
  readonly parser: { initialize(type: string): void };
}

export interface ClientCounts {
  answered(status: number, ms: number): void;
  broken(): void;
  timedOut(): void;
}

/** Makes a client count what it sees, and pause after a connection that gave no answer. Called as autocannon's `setupClient`. */
export function steady(client: Client, counts: ClientCounts): void {
  const inner = client as unknown as Inner;
  const connect = inner._connect.bind(inner);
  const send = inner._doRequest.bind(inner);
  let waiting = false;
  let fruitless = false;

  inner.on('response', (status: number, _bytes: number, ms: number) => {
    fruitless = false;
    counts.answered(status, ms);
  });
  inner.on('timeout', () => {
    if (!waiting) counts.timedOut();
  });

  const begin = () => {
    waiting = false;
    fruitless = true;
    inner.parser.initialize('RESPONSE');
    connect();
  };

  inner._connect = () => {
    if (waiting || inner.destroyed) return;
    // A time-out has cleared what it waited for; what still waits here is lost with its connection.
    for (let lost = inner.pipelinedRequests.size(); lost > 0; lost--) counts.broken();
    inner.pipelinedRequests.clear();
    if (!fruitless) return begin();
    waiting = true;
    // As often as it would send: an outage shows as errors at the load's own rate.
    setTimeout(begin, 1000 / inner.rate);
  };
  inner._doRequest = () => {
    if (!waiting) send();
  };
}
