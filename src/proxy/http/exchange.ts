import http from 'node:http';
import type { Duplex } from 'node:stream';
import type httpProxy from 'http-proxy';
import type { Clock } from '../../core/clock.ts';
import type { HttpFault, RequestAct, RequestView } from '../../faults/contract.ts';
import { codingOf } from '../../protocols/http/coding.ts';
import { bodyTells, hintsFromBody, hintsFromUrl, LONGEST_PEEK } from '../../protocols/http/peek.ts';
import type { ActiveFault, HttpHost } from '../contract.ts';
import { sendHead } from './answer-head.ts';
import { AnswerWatch } from './answer-watch.ts';
import { isCanary } from './canary.ts';
import type { DigestedRequest } from './digested-request.ts';
import { cut, hasLength } from './ending.ts';
import { ClientGone } from './gone.ts';
import { relayJudged } from './judged-relay.ts';
import { type Judgement, judge } from './judgement.ts';
import { ask, type Outcome } from './outcome.ts';
import { decodedBody, readBody, unreadBody } from './peek.ts';
import { relay } from './plain-relay.ts';
import { forwardedHeaders, forwardedPath } from './request-head.ts';
import { shapeOf } from './shape.ts';
import type { Target } from './target.ts';
import { tunnel } from './tunnel.ts';
import { unreachableReason } from './unreachable.ts';
import type { RequestBody } from './upstream.ts';

/** What all exchanges of one forwarder share. */
export interface Surroundings {
  readonly host: HttpHost;
  readonly proxy: httpProxy;
  readonly clock: Clock;
  target(): Target;
}

export interface Upgrade {
  /** The client's connection. */
  readonly socket: Duplex;
  readonly body: RequestBody;
  /** The upstream may switch. */
  readonly switches: boolean;
}

export interface Incoming {
  readonly request: DigestedRequest;
  readonly response: http.ServerResponse;
  /** The client's address. */
  readonly client: string;
  /** Where the request asks to switch protocols. */
  readonly upgrade?: Upgrade;
}

/**
 *  request ─▶ peek? ─▶ [faults: request] ─▶ upstream ─▶ [faults: head] ─▶ [faults: pieces] ─▶ client
 *
 * One request and its answer. Without a fault that has taken it, it is streamed both ways unread.
 */
export class Exchange {
  readonly #around: Surroundings;
  readonly #incoming: Incoming;
  readonly #began: number;
  readonly #gone = new ClientGone();
  readonly #headers: http.IncomingHttpHeaders;
  /** Not counted; and yet judged, since a canary is sent to find a fault that was left. */
  readonly #canary: boolean;
  readonly #watch: AnswerWatch | undefined;
  #body: RequestBody;
  #continued = false;
  #view: RequestView | undefined;
  #judgement: Judgement | undefined;
  #status = 'error';
  #firstByteUs: number | undefined;
  #broken = false;

  constructor(incoming: Incoming, around: Surroundings) {
    this.#around = around;
    this.#incoming = incoming;
    this.#began = performance.now();
    this.#headers = incoming.request.headers;
    this.#canary = isCanary(this.#headers, incoming.client);
    this.#body = incoming.upgrade?.body ?? unreadBody(this.#headers);
    const { clients, declaration } = around.host;
    if (clients && !this.#canary && !incoming.upgrade?.switches)
      this.#watch = new AnswerWatch(clients, incoming, declaration.protocol, this.#retries);
  }

  async run(): Promise<void> {
    const { response } = this.#incoming;
    const meter = this.#canary ? undefined : this.#around.host.meter;
    meter?.unit();
    if (this.#retries) meter?.retry();
    response.on('close', () => {
      if (!response.writableFinished) this.#gone.abort();
    });
    try {
      await this.#judgeAndForward();
    } catch (error) {
      // One exchange that goes wrong must not take the data plane down. The message may quote a header, so it is left out.
      process.emitWarning(`an exchange was broken off: ${nameOf(error)}`);
      this.#break('rst');
    } finally {
      this.#judgement?.finish();
      meter?.answered(this.#status, this.#judgement?.injected ?? false, this.#firstByteUs);
      this.#watch?.over(this.#broken ? 'broken' : this.#gone.aborted ? 'client gone' : 'ended');
    }
  }

  /** It says that it is a retry. */
  get #retries(): boolean {
    return Number(this.#headers['x-stainless-retry-count'] ?? 0) > 0;
  }

  async #judgeAndForward(): Promise<void> {
    if (this.#faults().length > 0) {
      this.#view = await this.#look();
      if (this.#gone.aborted) return;
      this.#judgement = this.#judge(this.#view);
      const act = (await this.#judgement?.request()) ?? { do: 'forward' };
      if (this.#gone.aborted) return;
      if (act.do !== 'forward') return this.#end(act);
    }
    await this.#answer(await this.#ask());
  }

  /** The request as faults see it. */
  async #look(): Promise<RequestView> {
    const { request } = this.#incoming;
    const { protocol } = this.#around.host.declaration;
    const method = request.method ?? 'GET';
    const path = (request.url ?? '/').split('?', 1)[0]!;
    let hints = hintsFromUrl(request.url ?? '/');
    let bodyBytes = Number(this.#headers['content-length'] ?? 0);
    if (this.#faults().some(asksForModel) && this.#body.present && bodyTells(method, path, this.#headers)) {
      await this.#read();
      const body = await decodedBody(this.#body, codingOf(this.#headers));
      hints = hintsFromBody(body, hints);
      bodyBytes = Math.max(bodyBytes, body.length);
    }
    return { protocol, method, path, headers: this.#headers, bodyBytes, ...hints };
  }

  async #read(): Promise<void> {
    if (this.#body.complete) return;
    this.#continue();
    this.#body = await readBody(this.#incoming.request, LONGEST_PEEK);
  }

  #judge(view: RequestView): Judgement | undefined {
    const { clock, host } = this.#around;
    const facts = { client: this.#incoming.client, ...view };
    return judge(this.#faults(), facts, view, { clock, meter: host.meter, gone: this.#gone });
  }

  #faults(): readonly ActiveFault[] {
    const faults = this.#around.host.faults();
    return faults.length === 0 ? faults : faults.filter((fault) => fault.definition.layer === 'http');
  }

  /** Tells a client that waits for it to send its body. */
  #continue(): void {
    if (this.#continued || this.#headers.expect?.toLowerCase() !== '100-continue') return;
    this.#continued = true;
    if (!this.#incoming.response.headersSent) this.#incoming.response.writeContinue();
  }

  #ask(): Promise<Outcome> {
    const { request, response, upgrade } = this.#incoming;
    const target = this.#around.target();
    const forwarding = {
      target,
      path: forwardedPath(target, request.url ?? '/'),
      headers: forwardedHeaders(request.rawHeaders, {
        host: target.host,
        upgrade: upgrade?.switches === true,
        chunked: this.#body.present && this.#headers['content-length'] === undefined,
        expect: !this.#continued,
        canary: this.#canary,
        encodings: !this.#judgement?.readsEvents && !this.#judgement?.readsWhole,
      }),
      body: this.#body,
      fresh: upgrade !== undefined,
    };
    if (!this.#canary) this.#around.host.meter.sentOn(this.#retries);
    return ask(this.#around.proxy, { request, response, forwarding, gone: this.#gone }, () =>
      this.#continue(),
    );
  }

  async #answer(outcome: Outcome): Promise<void> {
    const { upgrade } = this.#incoming;
    if (this.#gone.aborted) return;
    if (outcome.kind === 'failed') {
      this.#write(502, { 'content-type': 'text/plain; charset=utf-8' }, unreachableReason(outcome.error));
      // Nobody answered: the status is not the upstream's.
      this.#status = 'error';
      return;
    }
    if (outcome.kind === 'switched') {
      if (!upgrade) return this.#break('fin');
      this.#first('101');
      await tunnel(outcome, upgrade.socket);
      return;
    }
    await this.#relay(outcome.message);
    // What a fault has ended costs the upstream no further work.
    if (!outcome.message.complete) outcome.cancel();
  }

  async #relay(message: http.IncomingMessage): Promise<void> {
    const { request, response } = this.#incoming;
    const judgement = this.#judgement?.judgesAnswer ? this.#judgement : undefined;
    const shape = shapeOf(message, this.#view);
    this.#watch?.reads(shape, message);
    const sent = this.#watch?.sent;
    const events = shape === 'events' || shape === 'elements';
    const status = message.statusCode ?? 502;
    let set: Readonly<Record<string, string>> = {};
    const send = () => {
      if (response.headersSent) return;
      this.#first(String(status));
      this.#watch?.head(
        status,
        false,
        () => ({ ...message.headers, ...set }),
        () => this.#around.clock.wall(),
      );
      // A fault that ends a stream early and well would belie a length.
      sendHead(message, {
        request,
        response,
        length: request.method === 'HEAD' || !judgement?.resizes(events),
        set,
      });
    };

    if (!judgement) {
      send();
      if ((await relay(message, response, sent)) === 'broken') this.#break('fin');
      return;
    }
    const judged = await judgement.head({ status, headers: message.headers, events });
    if (this.#gone.aborted) return;
    const { act } = judged;
    set = judged.set;
    if (act.do === 'reply' || act.do === 'abort') return this.#end(act);
    const headKept = act.do === 'keep';
    if (!headKept) send();
    const end = await relayJudged({
      upstream: message,
      response,
      judgement,
      shape,
      sendHead: send,
      headKept,
      sent,
    });
    if (end === 'broken') this.#break('fin');
    if (typeof end !== 'object') return;
    if (end.cut === 'clean' && !hasLength(response)) response.end();
    else this.#break(end.cut === 'rst' ? 'rst' : 'fin');
  }

  /** A fault ends the exchange before the upstream's answer is sent on. */
  #end(act: Exclude<RequestAct, { do: 'forward' }>): void {
    if (act.do === 'abort') this.#break(act.how);
    else this.#write(act.status, act.headers, act.body);
  }

  #write(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): void {
    const { request, response } = this.#incoming;
    this.#first(String(status));
    this.#watch?.head(
      status,
      true,
      () => headers,
      () => this.#around.clock.wall(),
    );
    // A client that was never told to send its body may send it or not: the next request would be unreadable.
    if (this.#headers.expect !== undefined && !this.#continued) response.shouldKeepAlive = false;
    const bodiless = status === 204 || status === 304;
    const length = bodiless ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    response.writeHead(status, http.STATUS_CODES[status] ?? '', { ...headers, ...length });
    response.end(bodiless ? undefined : body);
    request.resume();
  }

  #break(how: 'fin' | 'rst'): void {
    this.#status = 'error';
    if (!this.#gone.aborted) this.#broken = true;
    cut(this.#incoming.response, how);
  }

  #first(status: string): void {
    this.#status = status;
    this.#firstByteUs ??= Math.round((performance.now() - this.#began) * 1000);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : typeof error;
}

function asksForModel(fault: ActiveFault): boolean {
  return (fault.definition as HttpFault).readsBody === true || fault.match?.model !== undefined;
}
