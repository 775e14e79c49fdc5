import { readEvent } from '../../events.ts';
import type { JsonObject, Provider, ToolArgsCut } from '../contract.ts';
import { object, objects, parseObject, sum } from '../json.ts';
import { AZURE_ERRORS, azureBudgetHeaders, azureIdentity, isAzurePath } from './azure.ts';
import { ChatToolArgs, emptyChat, finishChat } from './chat.ts';
import { OPENAI_ERRORS } from './errors.ts';
import { budgetHeaders, identityHeaders } from './headers.ts';
import { emptyResponse, finishResponse, isResponses, ResponseToolArgs, responseError } from './responses.ts';

/** OpenAI's API and those shaped like it; Azure's by its path. */
export const openai: Provider = {
  error: (kind, request) => (isAzurePath(request.path) ? AZURE_ERRORS : OPENAI_ERRORS)[kind](request),

  empty(request, promptTokens) {
    const make = emptyOf(request.path);
    return (
      make && {
        status: 200,
        headers: {
          'content-type': request.streaming ? 'text/event-stream; charset=utf-8' : 'application/json',
          ...(isAzurePath(request.path) ? azureIdentity : identityHeaders)(request.random),
        },
        body: make(request, promptTokens),
      }
    );
  },

  streamError(kind, request, place) {
    const error = object(parseObject(this.error(kind, request).body)?.error) ?? {};
    if (isResponses(place.current)) return responseError(error, place);
    return `data: ${JSON.stringify({ error })}\n\ndata: [DONE]\n\n`;
  },

  finish: (json, reason) => (isResponses(json) ? finishResponse : finishChat)(json, reason),

  cutToolArgs: (afterFragments) => new ToolArgs(afterFragments),

  budgetHeaders: (budget, { path }) => (isAzurePath(path) ? azureBudgetHeaders : budgetHeaders)(budget),

  tokensUsed(json) {
    const usage = object((object(json.response) ?? json).usage);
    return {
      input: sum(usage, 'prompt_tokens', 'input_tokens'),
      output: sum(usage, 'completion_tokens', 'output_tokens'),
    };
  },

  carriesToken(event) {
    const { name, data } = readEvent(event);
    // Responses API: events have names, and content comes in `….delta`.
    if (name.startsWith('response.')) return name.endsWith('.delta');
    const json = parseObject(data);
    return objects(json?.choices).some((choice) => choice.text || generated(object(choice.delta)));
  },

  streamMarks: {
    // Chat; then the Responses API; then what else is streamed: transcripts, speech, images.
    whole:
      /[\r\n]data: ?\[DONE\]|"finish_reason"\s*:\s*"|"type"\s*:\s*"(?:response\.(?:completed|incomplete|cancelled)|(?:transcript\.text|speech\.audio)\.done|image_(?:generation|edit)\.completed)"/,
    failed:
      /[\r\n](?:event: ?error\b|data: ?\{\s*"(?:error"\s*:\s*[{"]|type"\s*:\s*"error"))|"type"\s*:\s*"response\.failed"/,
  },
};

function emptyOf(path: string): typeof emptyChat | undefined {
  if (path.endsWith('/chat/completions')) return emptyChat;
  return path.endsWith('/responses') ? emptyResponse : undefined;
}

/** Which of the two APIs an answer is of, its own JSON tells. */
class ToolArgs implements ToolArgsCut {
  readonly #chat: ChatToolArgs;
  readonly #responses: ResponseToolArgs;

  constructor(afterFragments: number) {
    this.#chat = new ChatToolArgs(afterFragments);
    this.#responses = new ResponseToolArgs(afterFragments);
  }

  get done(): boolean {
    return this.#chat.done || this.#responses.done;
  }

  event(json: JsonObject): JsonObject | undefined {
    return this.#of(json).event(json);
  }

  whole(json: JsonObject): JsonObject {
    return this.#of(json).whole(json);
  }

  #of(json: JsonObject): ToolArgsCut {
    return isResponses(json) ? this.#responses : this.#chat;
  }
}

/** The first chunk has the role, and often an empty content, before anything was generated. */
function generated(delta: JsonObject | undefined): boolean {
  return Object.entries(delta ?? {}).some(([key, value]) => key !== 'role' && value !== null && value !== '');
}
