import { readEvent } from '../../events.ts';
import type { Provider } from '../contract.ts';
import { ANTHROPIC_ERRORS } from './errors.ts';

export const anthropic: Provider = {
  error: (kind, request) => ANTHROPIC_ERRORS[kind](request),
  carriesToken: (event) => readEvent(event).name === 'content_block_delta',
};
