import { codingOf } from './coding.ts';
import type { JsonObject } from './providers/contract.ts';
import { object } from './providers/json.ts';
import { topLevel } from './top-level.ts';

/** What a request says about itself: the model it asks for, and how it wants the answer. */
export interface RequestHints {
  readonly model: string | undefined;
  /** It wants the answer piece by piece. */
  readonly streaming: boolean;
  /** A stream that it asks for is one JSON array, not one of events: the Gemini API without `alt=sse`. */
  readonly array: boolean;
  /** It wants a stream to tell its usage at the end: `stream_options.include_usage` of OpenAI's chat completions. */
  readonly usage: boolean;
}

/** Longest beginning of a request body that is read for its hints, bytes. */
export const LONGEST_PEEK = 4 * 1024 * 1024;

const IN_PATH = [
  // Gemini API and Vertex AI: /v1/models/{model}:streamGenerateContent
  /\/models\/([^/:]+):(\w+)/,
  // Azure OpenAI: /openai/deployments/{deployment}/chat/completions
  /\/deployments\/([^/]+)\/()/,
];

/** What the path and the query alone say; the model is decoded. */
export function hintsFromUrl(url: string): RequestHints {
  const [path = '', query = ''] = url.split('?', 2);
  for (const pattern of IN_PATH) {
    const found = pattern.exec(path);
    if (!found) continue;
    const streaming = found[2]!.startsWith('stream');
    return { model: decode(found[1]!), streaming, array: streaming && !asksForEvents(query), usage: false };
  }
  return { model: undefined, streaming: false, array: false, usage: false };
}

/** `alt=sse`, which Google's APIs also take as `$alt=sse`. */
function asksForEvents(query: string): boolean {
  const parameters = new URLSearchParams(query);
  return (parameters.get('alt') ?? parameters.get('$alt')) === 'sse';
}

/** Codings of a request's body that can be undone. */
const CODINGS: ReadonlySet<string> = new Set(['identity', 'gzip', 'x-gzip', 'deflate', 'br']);

/** Whether the body has to be read for hints, by the headers and the path (a Gemini path says all there is). */
export function bodyTells(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): boolean {
  if (method !== 'POST' && method !== 'PUT') return false;
  if (/\/models\/[^/:]+:\w+/.test(path)) return false;
  if (!CODINGS.has(codingOf(headers))) return false;
  return /\bjson\b/i.test(String(headers['content-type'] ?? ''));
}

/**
 * Reads `model` and `stream` of a JSON body, or of the beginning of one, as far as they can be read there. What the URL says
 * comes second.
 */
export function hintsFromBody(body: Buffer, fromUrl: RequestHints): RequestHints {
  const { model, stream, stream_options } = parse(body) ?? topLevel(body, ['model', 'stream']);
  return {
    ...fromUrl,
    model: typeof model === 'string' ? model : fromUrl.model,
    streaming: stream === true || fromUrl.streaming,
    usage: object(stream_options)?.include_usage === true,
  };
}

function parse(body: Buffer): JsonObject | undefined {
  try {
    return object(JSON.parse(body.toString('utf8'))) ?? {};
  } catch {
    return undefined;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
