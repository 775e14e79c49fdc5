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

/** Errors that come within a stream whose head said 200. */
export const STREAM_ERROR_KINDS = [
  'server_error',
  'overloaded',
  'rate_limit',
  'token_limit',
  'quota',
] as const satisfies readonly AiErrorKind[];

export type StreamErrorKind = (typeof STREAM_ERROR_KINDS)[number];

/** Forms in which OpenAI's Responses API has been seen to send them: an `error` event of either form, or a failed response. */
export const STREAM_ERROR_SHAPES = ['nested', 'flat', 'failed'] as const;
export type StreamErrorShape = (typeof STREAM_ERROR_SHAPES)[number];

/** Why a completion ended, in OpenAI's words; each provider has its own. */
export const FINISH_REASONS = ['length', 'content_filter', 'stop', 'tool_calls'] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

/** What an answer's text and headers depend on. Holds no key, and none is echoed. */
export interface AnswerRequest {
  readonly model: string | undefined;
  /** Without the query. */
  readonly path: string;
  readonly streaming: boolean;
  /** Such a stream is one JSON array, not one of events. */
  readonly array: boolean;
  /** Such a stream is to tell its usage at the end. */
  readonly usage: boolean;
  /** Milliseconds since the Unix epoch, for reset times. */
  readonly wall: number;
  /** Numbers in [0, 1), for request ids. */
  random(): number;
}

export interface ErrorRequest extends AnswerRequest {
  /** What the answer tells the client to wait, ms; 0: nothing is said. */
  readonly retryAfterMs: number;
  /** What is left of real limits; without it an error about limits names usual ones. */
  readonly budget?: Budget;
}

/** What is left of one limit. */
export interface Allowance {
  /** A minute's worth. */
  readonly limit: number;
  readonly remaining: number;
  /** Until it is whole again, ms. */
  readonly resetMs: number;
}

/** What is left of the limits that there are. */
export interface Budget {
  readonly requests?: Allowance;
  readonly tokens?: Allowance;
}

/** Tokens that count against a limit. */
export interface TokensUsed {
  readonly input?: number;
  readonly output?: number;
}

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type ErrorTable = Readonly<Record<AiErrorKind, (request: ErrorRequest) => ErrorReply>>;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Follows one answer and stops its tool calls within their arguments. */
export interface ToolArgsCut {
  /** It has cut some arguments off. */
  readonly done: boolean;
  /** What becomes of an event of the stream: itself, another in its place, or nothing. */
  event(json: JsonObject): JsonObject | undefined;
  /** What becomes of an answer that is not a stream. */
  whole(json: JsonObject): JsonObject;
}

/** Where a stream fails: in place of `current`, its event number `index` from 0. */
export interface StreamPlace {
  readonly shape: StreamErrorShape;
  readonly first: JsonObject;
  readonly current: JsonObject;
  readonly index: number;
  /** Of the answer that the stream is. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What tells how a stream ended, in its text; nothing that a model writes can look like it, since quotes are escaped there. */
export interface StreamMarks {
  /** Its completion came to an end of its own. */
  readonly whole: RegExp;
  /** It says that it failed. */
  readonly failed: RegExp;
}

/** How one provider shapes what it sends. */
export interface Provider {
  /** Answers as the provider, or the gateway in front of it, does. */
  error(kind: AiErrorKind, request: ErrorRequest): ErrorReply;
  /** An answer of status 200 whose completion is empty; undefined where the path is not one of a completion. */
  empty(request: AnswerRequest, promptTokens: number): ErrorReply | undefined;
  /** The events by which a stream fails at a place of it, as they go over the wire. */
  streamError(kind: StreamErrorKind, request: ErrorRequest, place: StreamPlace): string;
  /** A body or an event with another reason for its end; undefined where it has none, or the provider no such reason. */
  finish(json: JsonObject, reason: FinishReason): JsonObject | undefined;
  /** Lets so many fragments of arguments pass, cuts the next in half, and ends the completion for its length. */
  cutToolArgs(afterFragments: number): ToolArgsCut;
  /** Headers that say what is left of a budget, on successes too. */
  budgetHeaders(budget: Budget, request: Pick<AnswerRequest, 'path' | 'wall'>): Record<string, string>;
  /** Tokens that a body or an event says were used so far, as far as it says. */
  tokensUsed(json: JsonObject): TokensUsed;
  /** Whether an event of its stream carries generated content, beyond preamble and keep-alive. */
  carriesToken(event: Buffer): boolean;
  readonly streamMarks: StreamMarks;
}
