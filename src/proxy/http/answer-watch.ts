import type http from 'node:http';
import type { Protocol } from '../../core/protocol.ts';
import { isProvider, providerOf } from '../../protocols/http/providers/index.ts';
import { retryAfterMs } from '../../protocols/http/retry-after.ts';
import { StreamEnd } from '../../protocols/http/stream-end.ts';
import type { Attempt } from '../clients/attempt.ts';
import { ABANDONED, type ClientWatch, type Ending, FAILED, TRUNCATED, WHOLE } from '../clients/watch.ts';
import type { DigestedRequest } from './digested-request.ts';
import type { Incoming } from './exchange.ts';
import type { BodyShape } from './shape.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Statuses below 500 after which the same request may well succeed. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Sees how the client of one request takes its answer. */
export class AnswerWatch {
  readonly #watch: ClientWatch;
  readonly #attempt: Attempt;
  readonly #request: DigestedRequest;
  readonly #protocol: Protocol;
  #told: Ending = WHOLE;
  #stream: StreamEnd | undefined;

  /** Made before any of the body has come. */
  constructor(watch: ClientWatch, { request, upgrade }: Incoming, protocol: Protocol, retry: boolean) {
    this.#watch = watch;
    this.#request = request;
    this.#protocol = protocol;
    this.#attempt = watch.begin();
    const { method = 'GET', url = '/', headers } = request;
    // What stands in a provider's query is keys and versions, which may change from one time to the next.
    const path = isProvider(protocol) ? url.split('?', 1)[0]! : url;
    request.digest(
      [method, path, headers['content-length'] ?? ''],
      (digest) => watch.known(this.#attempt, digest, request.headDigest, retry),
      upgrade?.body.read,
    );
  }

  /** The head that the client is sent; `made` by a fault. */
  head(status: number, made: boolean, headers: () => Headers, wall: () => number): void {
    const failed = status >= 500 || PASSING.has(status) || (made && status >= 400);
    if (failed) this.#told = { fate: 'failed', waitMs: retryAfterMs(headers(), wall()) };
  }

  /** What the client is sent of a body of this shape has an end that can be told. */
  reads(shape: BodyShape, message: http.IncomingMessage): void {
    if (message.statusCode !== 200 || this.#request.method !== 'POST' || !isProvider(this.#protocol)) return;
    if (shape === 'events' || shape === 'elements')
      this.#stream = new StreamEnd(providerOf(this.#protocol).streamMarks);
  }

  /** Called with each part of the body that the client is sent; undefined where nobody needs to. */
  get sent(): ((bytes: Buffer) => void) | undefined {
    const stream = this.#stream;
    return stream && ((bytes) => stream.push(bytes));
  }

  /** The exchange is over. */
  over(how: 'broken' | 'client gone' | 'ended'): void {
    const attempt = this.#attempt;
    // It went wrong before its body was here.
    if (how !== 'ended' || this.#told !== WHOLE) this.#watch.known(attempt, this.#request.headDigest!);
    if (how === 'client gone') this.#watch.end(attempt, ABANDONED);
    else if (how === 'broken') this.#watch.end(attempt, FAILED);
    else this.#watch.end(attempt, this.#stream ? endingOf(this.#stream) : this.#told);
  }
}

function endingOf({ came }: StreamEnd): Ending {
  if (came === undefined) return TRUNCATED;
  return came === 'failed' ? FAILED : WHOLE;
}
