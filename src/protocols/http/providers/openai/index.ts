import { readEvent } from '../../events.ts';
import type { Provider } from '../contract.ts';
import { AZURE_ERRORS, isAzurePath } from './azure.ts';
import { OPENAI_ERRORS } from './errors.ts';

/** OpenAI's API and those shaped like it; Azure's by its path. */
export const openai: Provider = {
  error: (kind, request) => (isAzurePath(request.path) ? AZURE_ERRORS : OPENAI_ERRORS)[kind](request),

  carriesToken(event) {
    const { name, data } = readEvent(event);
    // Responses API: events have names, and content comes in `….delta`.
    if (name.startsWith('response.')) return name.endsWith('.delta');
    try {
      return ((JSON.parse(data) as Chunk).choices ?? []).some(({ delta, text }) => text || generated(delta));
    } catch {
      return false;
    }
  },
};

interface Chunk {
  readonly choices?: readonly {
    readonly delta?: Readonly<Record<string, unknown>>;
    readonly text?: string;
  }[];
}

/** The first chunk has the role, and often an empty content, before anything was generated. */
function generated(delta: Readonly<Record<string, unknown>> | undefined): boolean {
  return Object.entries(delta ?? {}).some(([key, value]) => key !== 'role' && value !== null && value !== '');
}
