import type { Budget, ErrorReply } from './providers/contract.ts';
import { wholeSeconds } from './providers/wait-hints.ts';

/** `ratelimit-*` as many HTTP APIs send them: a minute's worth, what is left, and whole seconds until all is there again. */
export function plainBudgetHeaders({ requests }: Budget): Record<string, string> {
  if (!requests) return {};
  return {
    'ratelimit-limit': String(requests.limit),
    'ratelimit-remaining': String(requests.remaining),
    'ratelimit-reset': wholeSeconds(requests.resetMs),
  };
}

/** The 429 of an HTTP API that is no AI provider's. */
export function plainRefusal(retryAfterMs: number, budget: Budget): ErrorReply {
  return {
    status: 429,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'retry-after': wholeSeconds(retryAfterMs),
      ...plainBudgetHeaders(budget),
    },
    body: 'Too Many Requests\n',
  };
}
