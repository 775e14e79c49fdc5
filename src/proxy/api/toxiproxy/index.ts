import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { DataPlane } from '../../contract.ts';
import { addRoutes, type RouteTable } from '../routes.ts';
import { sendError } from './errors.ts';
import { proxyRoutes } from './proxies.ts';
import { toxicRoutes } from './toxics.ts';

/** The release whose API is spoken here; client libraries compare it to learn what a server can do. */
const TOXIPROXY_VERSION = '2.12.0';

/** Every route of Toxiproxy's control API. */
export function toxiproxyRoutes(plane: DataPlane): RouteTable {
  return {
    ...proxyRoutes(plane),
    ...toxicRoutes(plane),
    '/version': {
      GET: (_, reply) =>
        reply
          .header('content-type', 'application/json;charset=utf-8')
          .send(`{"version": "${TOXIPROXY_VERSION}"}\n`),
    },
  };
}

export function addToxiproxyRoutes(app: FastifyInstance, routes: RouteTable): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-toxiproxy-request-id', randomBytes(10).toString('hex'));
    // A web page could otherwise send these requests from an operator's browser: they need no preflight.
    if (request.headers['user-agent']?.startsWith('Mozilla/')) {
      return reply
        .code(403)
        .header('content-type', 'text/plain; charset=utf-8')
        .header('x-content-type-options', 'nosniff')
        .send('User agent not allowed\n');
    }
  });
  app.addHook('onSend', async (_, reply) => {
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8') {
      reply.header('content-type', 'application/json');
    }
  });
  app.setErrorHandler((error, _, reply) => sendError(reply, error));
  addRoutes(app, routes);
}
