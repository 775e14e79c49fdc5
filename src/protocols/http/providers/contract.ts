/** What an AI provider can answer instead of a completion. */
export const AI_ERROR_KINDS = [
  'rate_limit',
  'token_limit',
  'quota',
  'overloaded',
  'server_error',
  'bad_gateway',
  'gateway_html',
  'invalid_key',
  'model_not_found',
  'context_length',
  'content_filter',
] as const;

export type AiErrorKind = (typeof AI_ERROR_KINDS)[number];

/** What an error's text and headers depend on. Holds no key, and none is echoed. */
export interface ErrorRequest {
  readonly model: string | undefined;
  /** Without the query. */
  readonly path: string;
  readonly streaming: boolean;
  /** What the answer tells the client to wait, ms; 0: nothing is said. */
  readonly retryAfterMs: number;
  /** Milliseconds since the Unix epoch, for reset times. */
  readonly wall: number;
  /** Numbers in [0, 1), for request ids. */
  random(): number;
}

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type ErrorTable = Readonly<Record<AiErrorKind, (request: ErrorRequest) => ErrorReply>>;

/** How one provider shapes what it sends. */
export interface Provider {
  /** Answers as the provider, or the gateway in front of it, does. */
  error(kind: AiErrorKind, request: ErrorRequest): ErrorReply;
  /** Whether an event of its stream carries generated content, beyond preamble and keep-alive. */
  carriesToken(event: Buffer): boolean;
}
