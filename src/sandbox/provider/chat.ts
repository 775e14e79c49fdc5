/** The JSON shapes of `/v1/chat/completions`, whole and as chunks of a stream. */

export interface ChatRequest {
  readonly model?: string;
  readonly messages?: readonly unknown[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export interface Completion {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

const fingerprint = 'fp_simulator';

export function usageOf(prompt: number, completion: number): Usage {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

export function wholeAnswer(of: Completion, content: string, usage: Usage) {
  return {
    ...of,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage,
    service_tier: 'default',
    system_fingerprint: fingerprint,
  };
}

/**
 * The chunks of a streamed answer: the role, one per token, the finish, and with `include_usage` one more that carries
 * the usage and no choice, all others then saying `usage: null`.
 */
export function* chunksOf(
  of: Completion,
  tokens: readonly string[],
  usage: Usage | undefined,
): Generator<object> {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...of,
    object: 'chat.completion.chunk',
    service_tier: 'default',
    system_fingerprint: fingerprint,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...(usage ? { usage: null } : {}),
  });
  yield chunk({ role: 'assistant', content: '', refusal: null });
  for (const content of tokens) yield chunk({ content });
  yield chunk({}, 'stop');
  if (usage) yield { ...chunk({}), choices: [], usage };
}
