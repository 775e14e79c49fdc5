import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Attributes, CountedFault, FaultSpec, Match } from '../../src/core/fault.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import { createHttpForwarder } from '../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { until } from '../support/until.ts';

export interface AiStage {
  /** What the provider answers from now on. */
  answer: AiAnswer;
  /** Of the proxy, as a client takes it. */
  readonly url: string;
  /** Requests that reached the provider. */
  readonly hits: number;
  /** Events that the client has read; a paced provider sends the next one only after them. */
  read: number;
  /** Puts one fault in force in place of the one before. */
  inject(type: string, attributes?: Attributes, match?: Match): void;
  /** Puts several in force, each with its id. */
  injectAll(faults: readonly Omit<FaultSpec, 'proxy'>[]): void;
  empty(): void;
  counts(): CountedFault;
  allCounts(): readonly CountedFault[];
  /** Waits until a unit is held by a fault. */
  held(): Promise<unknown>;
  close(): Promise<void>;
}

/** What a provider answers: a whole body, or events one by one. */
export interface AiAnswer {
  readonly whole: object;
  readonly events: readonly string[];
  /** The same as a JSON array, of providers that stream one. */
  readonly elements?: readonly string[];
}

/** The pieces of a stream, where one is asked for in the body, or in the URL as Gemini's clients do. */
function piecesFor(url: string, body: string, answer: AiAnswer): readonly string[] | undefined {
  if (JSON.parse(body).stream || url.includes('alt=sse')) return answer.events;
  return url.includes(':stream') ? answer.elements : undefined;
}

/** A data plane with one proxy in front of a provider-shaped server. Each event waits until those before it were read. */
export async function startAiStage(protocol: Protocol, answer: AiAnswer): Promise<AiStage> {
  let hits = 0;
  const server = http.createServer(async (request, response) => {
    hits++;
    let body = '';
    for await (const chunk of request) body += chunk;
    const pieces = piecesFor(request.url ?? '', body, stage.answer);
    if (!pieces) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(stage.answer.whole));
      return;
    }
    const type = pieces === stage.answer.elements ? 'application/json' : 'text/event-stream; charset=utf-8';
    response.writeHead(200, { 'content-type': type });
    for (const [index, event] of pieces.entries()) {
      await until('the client has read what came before', () => stage.read >= index || response.destroyed);
      if (response.destroyed) return;
      response.write(event);
    }
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const plane = createDataPlane({ createForwarder: createHttpForwarder });
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy = await plane.addProxy({ name: 'ai', protocol, listen: '127.0.0.1:0', upstream }, true);
  let epoch = 0;
  let heldNow = 0;
  const stopObserving = plane.observe((observation) => {
    heldNow = observation.proxies.ai?.held.open ?? 0;
  });

  const stage: AiStage = {
    answer,
    url: `http://${proxy.declaration.listen}`,
    get hits() {
      return hits;
    },
    read: 0,
    inject(type, attributes = {}, match = undefined) {
      stage.injectAll([{ type, attributes, ...(match ? { match } : {}) }]);
    },
    injectAll(faults) {
      const placed = faults.map((fault) => ({ proxy: 'ai', ...fault }));
      plane.putFaults({ run: 'test', epoch: ++epoch, lease: '5m', seed: 1, faults: placed });
    },
    empty: () => void plane.emptyFaults(),
    allCounts: () => plane.state().faults,
    counts: () => (plane.state().faults[0] ?? plane.state().previous?.faults[0])!,
    held: () => until('a unit is held', () => heldNow > 0),
    async close() {
      stopObserving();
      await plane.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return stage;
}

type Failure = Error & { readonly cause?: { readonly code?: string } };

/** Reads an iterator as an application does: what it got, and what it failed with. */
export async function readAll<T>(
  stage: AiStage,
  events: AsyncIterable<T>,
): Promise<{ seen: T[]; error: Failure | undefined }> {
  const seen: T[] = [];
  try {
    for await (const event of events) {
      seen.push(event);
      stage.read = seen.length;
    }
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error: error as Failure };
  }
}

/** What a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('it did not fail');
}
