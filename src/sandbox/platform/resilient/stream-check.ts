import type { Ask } from '../ai/client.ts';
import { Truncated } from '../ai/failure.ts';

/** Takes an answer as whole only when it says why it ended, and says something. */
export function checked(ask: Ask): Ask {
  return async (question, signal) => {
    const answer = await ask(question, signal);
    if (answer.finishReason === null) throw new Truncated('the answer ended without a finish reason');
    if (answer.content.trim() === '') throw new Truncated('the answer is empty');
    return answer;
  };
}
