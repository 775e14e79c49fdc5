import type { AnswerRequest, FinishReason, JsonObject, ToolArgsCut } from '../contract.ts';
import { letters } from '../ids.ts';
import { Fragments, half, object, objects, text } from '../json.ts';

/** Chat completions: whole, and as the chunks of a stream. */

/** A completion of no token, as JSON or as the body of a stream. */
export function emptyChat(request: AnswerRequest, promptTokens: number): string {
  const { model, streaming, wall, random } = request;
  const identity = {
    id: `chatcmpl-${letters(random, 29)}`,
    created: Math.floor(wall / 1000),
    model: model ?? 'unknown',
    service_tier: 'default',
  };
  const usage = emptyUsage(promptTokens);
  if (streaming) {
    const chunk = (choices: readonly object[], told: object | null = null) => {
      const usageToo = request.usage ? { usage: told } : {};
      return `data: ${JSON.stringify({ object: 'chat.completion.chunk', ...identity, choices, ...usageToo })}\n\n`;
    };
    const choice = (delta: object, finish_reason: string | null) => [
      { index: 0, delta, logprobs: null, finish_reason },
    ];
    return [
      chunk(choice({ role: 'assistant', content: '', refusal: null }, null)),
      chunk(choice({}, 'stop')),
      ...(request.usage ? [chunk([], usage)] : []),
      'data: [DONE]\n\n',
    ].join('');
  }
  const message = { role: 'assistant', content: '', refusal: null, annotations: [] };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  return JSON.stringify({ object: 'chat.completion', ...identity, choices, usage });
}

function emptyUsage(promptTokens: number): JsonObject {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: 0,
    total_tokens: promptTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** The reasons' names are its own. */
export function finishChat(json: JsonObject, reason: FinishReason): JsonObject | undefined {
  const choices = objects(json.choices);
  if (!choices.some(ended)) return undefined;
  return {
    ...json,
    choices: choices.map((choice) => (ended(choice) ? { ...choice, finish_reason: reason } : choice)),
  };
}

function ended(choice: JsonObject): boolean {
  return typeof choice.finish_reason === 'string';
}

export class ChatToolArgs implements ToolArgsCut {
  readonly #fragments: Fragments;

  constructor(afterFragments: number) {
    this.#fragments = new Fragments(afterFragments);
  }

  get done(): boolean {
    return this.#fragments.done;
  }

  event(json: JsonObject): JsonObject | undefined {
    const choices = objects(json.choices);
    // The chunk that carries the usage has no choice.
    if (choices.length === 0) return json;
    if (this.done) {
      const last = finishChat(json, 'length');
      return last && { ...last, choices: objects(last.choices).map((choice) => ({ ...choice, delta: {} })) };
    }
    const passing = { ...json, choices: choices.map((choice) => this.#choice(choice)) };
    return this.done ? (finishChat(passing, 'length') ?? passing) : json;
  }

  whole(json: JsonObject): JsonObject {
    let found = false;
    const choices = objects(json.choices).map((choice) => {
      const message = object(choice.message);
      const calls = objects(message?.tool_calls);
      if (calls.length === 0) return choice;
      found = true;
      const kept = calls.map((call, index) => (index < calls.length - 1 ? call : withArguments(call, half)));
      return { ...choice, finish_reason: 'length', message: { ...message, tool_calls: kept } };
    });
    if (!found) return json;
    this.#fragments.done = true;
    return { ...json, choices };
  }

  #choice(choice: JsonObject): JsonObject {
    const delta = object(choice.delta);
    const calls = objects(delta?.tool_calls);
    if (calls.length === 0) return choice;
    const kept: JsonObject[] = [];
    for (const call of calls) {
      if (this.done) break;
      kept.push(withArguments(call, (given) => (given === '' ? given : this.#fragments.pass(given))));
    }
    return { ...choice, delta: { ...delta, tool_calls: kept } };
  }
}

function withArguments(call: JsonObject, change: (given: string) => string): JsonObject {
  const called = object(call.function);
  if (typeof called?.arguments !== 'string') return call;
  return { ...call, function: { ...called, arguments: change(text(called.arguments)) } };
}
