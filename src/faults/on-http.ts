import { AI_PROTOCOLS, HTTP_PROTOCOLS } from '../core/protocol.ts';

/** What faults share that judge HTTP requests. They stand on the answer's way, whenever they act. */
export const ON_HTTP = {
  layer: 'http',
  protocols: HTTP_PROTOCOLS,
  streams: ['downstream'],
  manual: true,
  matchKeys: ['client', 'headers', 'method', 'model', 'path'],
} as const;

/** What faults share that know how AI providers answer. */
export const ON_AI = { ...ON_HTTP, protocols: AI_PROTOCOLS } as const;
