import type http from 'node:http';
import { CANARY_HEADER } from '../../core/canary.ts';

/** Whether a request is a controller's canary, from a client on this machine. */
export function isCanary(headers: http.IncomingHttpHeaders, client: string): boolean {
  return headers[CANARY_HEADER] !== undefined && /^(::ffff:)?127\.|^::1$/.test(client);
}
