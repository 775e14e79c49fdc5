import OpenAI from 'openai';
import type { Config } from '../config.ts';
import type { Answer } from '../parts.ts';

const A_DAY = 24 * 60 * 60 * 1000;

/** One question to the AI provider, asked once. */
export type Ask = (question: string, signal?: AbortSignal) => Promise<Answer>;

/** Watches over a call: aborts it when it has lasted too long. */
export interface CallWatch {
  readonly signal: AbortSignal;
  /** Something of the answer has come. */
  alive(): void;
  end(): void;
}

export interface ClientOptions {
  /** Chosen anew for each question. */
  readonly model: () => string;
  /** Without it a call may last for ever. */
  readonly watch?: (signal?: AbortSignal) => CallWatch;
}

/** Streams answers from an OpenAI-compatible provider; leaves it to its caller to try again. */
export function providerClient(config: Config, { model, watch }: ClientOptions): Ask {
  const client = new OpenAI({
    baseURL: config.openaiBaseUrl,
    apiKey: config.openaiApiKey,
    // The SDK's own limit ends with the head of an answer; its own retries would multiply those of the platform.
    timeout: A_DAY,
    maxRetries: 0,
    // It would print the content of answers that it cannot read.
    logLevel: 'off',
  });
  return async (question, signal) => {
    const over = watch?.(signal);
    try {
      const answer = await read(client, model(), question, over);
      // An aborted stream of the SDK ends as if it were whole.
      over?.signal.throwIfAborted();
      return answer;
    } catch (error) {
      throw over?.signal.aborted ? over.signal.reason : error;
    } finally {
      over?.end();
    }
  };
}

async function read(client: OpenAI, model: string, question: string, over?: CallWatch): Promise<Answer> {
  const stream = await client.chat.completions.create(
    {
      model,
      stream: true,
      messages: [
        { role: 'system', content: 'You are an agent in a workspace. Write the deliverable of the task.' },
        { role: 'user', content: question },
      ],
    },
    { signal: over?.signal },
  );
  let content = '';
  let finishReason: string | null = null;
  for await (const chunk of stream) {
    over?.alive();
    const choice = chunk.choices[0];
    content += choice?.delta?.content ?? '';
    finishReason = choice?.finish_reason ?? finishReason;
  }
  return { content, finishReason };
}
