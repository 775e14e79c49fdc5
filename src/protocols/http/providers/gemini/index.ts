import { readEvent } from '../../events.ts';
import type { Provider } from '../contract.ts';
import { GEMINI_ERRORS } from './errors.ts';

export const gemini: Provider = {
  error: (kind, request) => GEMINI_ERRORS[kind](request),
  carriesToken: (event) => readEvent(event).data.includes('"candidates"'),
};
