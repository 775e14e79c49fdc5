import type { Ask } from '../ai/client.ts';

/** An answer that cannot be parsed ends the process: nobody thought of it, so nobody catches it. */
export function uncontained(ask: Ask): Ask {
  return async (question, signal) => {
    try {
      return await ask(question, signal);
    } catch (error) {
      if (error instanceof SyntaxError) {
        setImmediate(() => {
          // The original quotes the answer.
          throw new Error('an answer of the AI provider is no JSON');
        });
      }
      throw error;
    }
  };
}
