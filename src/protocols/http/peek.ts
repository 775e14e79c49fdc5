/** What a request says about itself: the model it asks for, and whether it wants a stream of events. */
export interface RequestHints {
  readonly model: string | undefined;
  readonly streaming: boolean;
}

const NO_HINTS: RequestHints = { model: undefined, streaming: false };

/** Longest request body that is read for its hints, bytes; a longer one is forwarded unread. */
export const LONGEST_PEEK = 4 * 1024 * 1024;

const IN_PATH = [
  // Gemini API and Vertex AI: /v1/models/{model}:streamGenerateContent
  /\/models\/([^/:]+):(\w+)/,
  // Azure OpenAI: /openai/deployments/{deployment}/chat/completions
  /\/deployments\/([^/]+)\/()/,
];

/** What the path alone says; the model is decoded. */
export function hintsFromPath(path: string): RequestHints {
  for (const pattern of IN_PATH) {
    const found = pattern.exec(path);
    if (found) return { model: decode(found[1]!), streaming: found[2]!.startsWith('stream') };
  }
  return NO_HINTS;
}

/** Whether the body has to be read for hints, by the headers and the path (a Gemini path says all there is). */
export function bodyTells(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): boolean {
  if (method !== 'POST' && method !== 'PUT') return false;
  if (/\/models\/[^/:]+:\w+/.test(path)) return false;
  if (headers['content-encoding'] !== undefined) return false;
  return /\bjson\b/i.test(String(headers['content-type'] ?? ''));
}

/** Reads `model` and `stream` of a JSON body; what is not JSON says nothing. The path's model comes second. */
export function hintsFromBody(body: Buffer, path: string): RequestHints {
  const fromPath = hintsFromPath(path);
  try {
    const value = JSON.parse(body.toString('utf8')) as { model?: unknown; stream?: unknown } | null;
    const model = typeof value?.model === 'string' ? value.model : fromPath.model;
    return { model, streaming: value?.stream === true || fromPath.streaming };
  } catch {
    return fromPath;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
