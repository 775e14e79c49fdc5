import { z } from 'zod';
import { readEvent } from '../protocols/http/events.ts';
import { plainBudgetHeaders, plainRefusal } from '../protocols/http/plain-limits.ts';
import type { Budget, JsonObject } from '../protocols/http/providers/contract.ts';
import { isProvider, providerOf } from '../protocols/http/providers/index.ts';
import { parseObject } from '../protocols/http/providers/json.ts';
import { estimateTokens } from '../protocols/http/tokens.ts';
import { answerRequest } from './ai-request.ts';
import { count } from './attributes.ts';
import type { HttpBehaviour, HttpContext, HttpFault, RequestAct } from './contract.ts';
import { ON_HTTP } from './on-http.ts';
import { type BucketSize, TokenBucket } from './token-bucket.ts';

const attributes = z.strictObject({
  requestsPerMinute: count('Requests that a minute brings; 0: no limit', 60),
  tokensPerMinute: count('Tokens that a minute brings, of AI providers; 0: no limit'),
  burst: count('Requests that may come at once; 0: as many as a minute brings'),
});
type RateLimitAttributes = z.output<typeof attributes>;

/**
 * Enforces a budget that all requests of the proxy share, and tells it as the provider does: on successes what is left, on
 * the 429 how long to wait. A refused request takes nothing. Tokens are estimated by the length of the request, and set
 * right by the usage that its answer tells.
 */
export const rateLimit: HttpFault<RateLimitAttributes> = {
  ...ON_HTTP,
  type: 'rate_limit',
  readsBody: true,
  attributes,
  summary: 'Refuses requests beyond a real budget of requests and tokens a minute',
  undo: 'requests are no longer counted or refused',
  endsConnections: false,
  addedLatency: () => 0,
  explain({ requestsPerMinute, tokensPerMinute, burst }) {
    const limits = [
      requestsPerMinute > 0
        ? `${requestsPerMinute} requests a minute${burst > 0 ? ` (${burst} at once)` : ''}`
        : '',
      tokensPerMinute > 0 ? `${tokensPerMinute} tokens a minute` : '',
    ].filter(Boolean);
    return limits.length > 0 ? `refuse requests beyond ${limits.join(' and ')}` : 'refuse no request';
  },
  create: (context) => new Limited(context),
};

class Limited implements HttpBehaviour {
  readonly #context: HttpContext<RateLimitAttributes>;
  readonly #requests: TokenBucket;
  readonly #tokens: TokenBucket;
  #charged = 0;
  #input: number;
  #output = 0;
  readonly event?: HttpBehaviour['event'];
  readonly whole?: HttpBehaviour['whole'];

  constructor(context: HttpContext<RateLimitAttributes>) {
    this.#context = context;
    this.#requests = context.shared('requests', () => new TokenBucket(context.clock));
    this.#tokens = context.shared('tokens', () => new TokenBucket(context.clock));
    this.#input = this.#ofTokens ? estimateTokens(context.request.bodyBytes) : 0;
    if (!this.#ofTokens) return;
    this.event = (event) => {
      // Few events tell a usage; the others are not parsed.
      if (event.includes('"usage')) this.#learn(parseObject(readEvent(event).data));
      return { do: 'pass' };
    };
    this.whole = (body) => {
      this.#learn(parseObject(body.toString('utf8')));
      return { do: 'pass' };
    };
  }

  request(): RequestAct {
    const { requests, tokens } = this.#sizes;
    const forRequests = requests ? this.#requests.wait(1, requests) : 0;
    const forTokens = tokens ? this.#tokens.wait(this.#input, tokens) : 0;
    if (forRequests > 0 || forTokens > 0) {
      this.#context.injected();
      return { do: 'reply', ...this.#refusal(forRequests, forTokens) };
    }
    this.#context.skipped('within the limits');
    if (requests) this.#requests.take(1, requests);
    this.#charge();
    return { do: 'forward' };
  }

  head({ status }: { readonly status: number }) {
    if (status < 300) return { do: 'forward', set: this.#headers(this.#budget) } as const;
    this.#input = 0;
    this.#charge();
    return { do: 'forward' } as const;
  }

  get #ofTokens(): boolean {
    return this.#context.attributes.tokensPerMinute > 0 && isProvider(this.#context.request.protocol);
  }

  /** Read anew each time: a renewal may change them. */
  get #sizes(): { readonly requests?: BucketSize; readonly tokens?: BucketSize } {
    const { requestsPerMinute, tokensPerMinute, burst } = this.#context.attributes;
    return {
      ...(requestsPerMinute > 0
        ? { requests: { perMinute: requestsPerMinute, most: burst > 0 ? burst : requestsPerMinute } }
        : {}),
      ...(this.#ofTokens ? { tokens: { perMinute: tokensPerMinute, most: tokensPerMinute } } : {}),
    };
  }

  get #budget(): Budget {
    const { requests, tokens } = this.#sizes;
    return {
      ...(requests ? { requests: this.#requests.allowance(requests) } : {}),
      ...(tokens ? { tokens: this.#tokens.allowance(tokens) } : {}),
    };
  }

  #headers(budget: Budget): Record<string, string> {
    const { protocol, path } = this.#context.request;
    if (!isProvider(protocol)) return plainBudgetHeaders(budget);
    return providerOf(protocol).budgetHeaders(budget, { path, wall: this.#context.clock.wall() });
  }

  #refusal(forRequests: number, forTokens: number) {
    const { protocol } = this.#context.request;
    const retryAfterMs = Math.ceil(Math.max(forRequests, forTokens));
    if (!isProvider(protocol)) return plainRefusal(retryAfterMs, this.#budget);
    const kind = forRequests >= forTokens ? 'rate_limit' : 'token_limit';
    return providerOf(protocol).error(kind, {
      ...answerRequest(this.#context),
      retryAfterMs,
      budget: this.#budget,
    });
  }

  #learn(json: JsonObject | undefined): void {
    if (!json) return;
    const { input = this.#input, output = this.#output } = providerOf(
      this.#context.request.protocol,
    ).tokensUsed(json);
    this.#input = input;
    this.#output = output;
    this.#charge();
  }

  /** Takes what is known to be used now, less what was taken before. */
  #charge(): void {
    const { tokens } = this.#sizes;
    if (!tokens) return;
    const used = this.#input + this.#output;
    this.#tokens.take(used - this.#charged, tokens);
    this.#charged = used;
  }
}
