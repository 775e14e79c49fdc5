import { PROTOCOLS } from '../core/protocol.ts';

/** What faults share that act on the connection itself, whatever it speaks. */
export const ON_ANY_CONNECTION = {
  protocols: PROTOCOLS,
  streams: ['downstream', 'upstream'],
  manual: true,
  matchKeys: ['client'],
} as const;
