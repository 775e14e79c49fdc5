import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FaultlineError } from '../../core/errors.ts';

/** Taking back stays open to anyone, and so does whether it lives. */
const OPEN: ReadonlySet<string> = new Set(['GET /healthz', 'DELETE /faults']);

/**
 * A check that a request brings the token. Without it whoever reaches the port could inject faults, read addresses and
 * close connections.
 */
export function tokenCheck(token: string): (request: FastifyRequest, reply: FastifyReply) => void {
  const expected = digest(token);
  return (request, reply) => {
    if (OPEN.has(`${request.method} ${request.routeOptions.url}`)) return;
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    // Of digests, which are equally long: neither the length nor a first difference shows in the time it takes.
    if (timingSafeEqual(digest(given), expected)) return;
    reply.header('www-authenticate', 'Bearer');
    throw new FaultlineError('CONTROL_TOKEN_REFUSED');
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
