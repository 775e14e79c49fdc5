import type { AnswerRequest, FinishReason, JsonObject, ToolArgsCut } from '../contract.ts';
import { Fragments, halfOf, object, objects } from '../json.ts';

/** Generated content of the Gemini API; a stream is several answers of the same form. */

/** A candidate without parts. */
export function emptyContent({ model }: AnswerRequest, promptTokens: number): JsonObject {
  return {
    candidates: [{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: promptTokens, totalTokenCount: promptTokens },
    modelVersion: model ?? 'unknown',
  };
}

/** A call of a tool ends a candidate with STOP, as anything else does. */
const REASONS: Partial<Record<FinishReason, string>> = {
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
  stop: 'STOP',
};

export function finishContent(json: JsonObject, reason: FinishReason): JsonObject | undefined {
  const finishReason = REASONS[reason];
  const candidates = objects(json.candidates);
  if (!finishReason || !candidates.some(ended)) return undefined;
  return {
    ...json,
    candidates: candidates.map((candidate) =>
      ended(candidate) ? { ...candidate, finishReason } : candidate,
    ),
  };
}

function ended(candidate: JsonObject): boolean {
  return typeof candidate.finishReason === 'string';
}

/** Arguments come as an object, all at once: a fragment is a whole call, and the one that is cut loses half its members. */
export class ContentToolArgs implements ToolArgsCut {
  readonly #fragments: Fragments;

  constructor(afterFragments: number) {
    this.#fragments = new Fragments(afterFragments);
  }

  get done(): boolean {
    return this.#fragments.done;
  }

  event(json: JsonObject): JsonObject {
    const candidates = objects(json.candidates).map((candidate) => this.#candidate(candidate));
    if (!this.done) return json;
    const cut = { ...json, candidates };
    return finishContent(cut, 'length') ?? cut;
  }

  whole(json: JsonObject): JsonObject {
    return this.event(json);
  }

  #candidate(candidate: JsonObject): JsonObject {
    const content = object(candidate.content);
    if (!content) return candidate;
    const parts: JsonObject[] = [];
    for (const part of objects(content.parts)) {
      if (this.done) break;
      const call = object(part.functionCall);
      if (!call || this.#fragments.take()) parts.push(part);
      else parts.push({ ...part, functionCall: { ...call, args: halfOf(call.args) } });
    }
    return { ...candidate, content: { ...content, parts } };
  }
}
