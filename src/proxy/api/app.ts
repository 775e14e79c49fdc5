import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { DataPlane } from '../contract.ts';
import { BODY_LIMIT } from './body.ts';
import { checkHost } from './guards.ts';
import { addNativeRoutes, asFaultlineError, nativeRoutes } from './native/index.ts';
import { createMetrics } from './native/metrics.ts';
import { observationStreams } from './native/observations.ts';
import { refuseOtherMethods } from './routes.ts';
import { tokenCheck } from './token.ts';
import { addToxiproxyRoutes, toxiproxyRoutes } from './toxiproxy/index.ts';

export interface ApiOptions {
  readonly plane: DataPlane;
  /** Names of proxies that are still to be opened; until it is empty `/healthz` is 503. */
  readonly opening: ReadonlySet<string>;
  /** Host names with dots that the API answers to, beside addresses, `localhost` and names without dots. */
  readonly allowedHosts?: readonly string[];
  /** What every request but `GET /healthz` and `DELETE /faults` has to bring; without it none has to. */
  readonly token?: string;
}

/** The control API over a data plane: Toxiproxy's routes and our own. Not listening yet. */
export function createApi({ plane, opening, allowedHosts = [], token }: ApiOptions): FastifyInstance {
  const allowed = allowedHosts.map((host) => host.toLowerCase());
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    // A client that sends half a request must not keep its connection for ever.
    requestTimeout: 15_000,
    keepAliveTimeout: 60_000,
    forceCloseConnections: true,
    // A base address that ends in a slash makes paths that begin with two.
    routerOptions: { maxParamLength: 1000, ignoreDuplicateSlashes: true },
    exposeHeadRoutes: false,
    // Such as a path that is no valid URL.
    frameworkErrors: (_, __, reply) => asText(reply as unknown as FastifyReply, 400, '400 Bad Request'),
  });

  // Toxiproxy never looks at the content type, and clients send all sorts.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));
  const checkToken = token === undefined ? undefined : tokenCheck(token);
  app.addHook('onRequest', async (request, reply) => {
    delete request.raw.headers['content-type'];
    checkHost(request.headers.host, allowed);
    checkToken?.(request, reply);
  });
  app.setErrorHandler((error, _, reply) => {
    const { code, message, status } = asFaultlineError(error);
    return reply.code(status).send({ error: { code, message }, status });
  });
  app.setNotFoundHandler((_, reply) => notFound(reply));

  const metrics = createMetrics(plane);
  const observations = observationStreams(plane);
  const toxiproxy = toxiproxyRoutes(plane);
  const native = nativeRoutes({ plane, opening, metrics, observations });
  app.register(async (scope) => addToxiproxyRoutes(scope, toxiproxy));
  app.register(async (scope) => addNativeRoutes(scope, native, allowed));
  app.register(async (scope) => refuseOtherMethods(scope, toxiproxy, native));
  app.addHook('preClose', async () => {
    metrics.close();
    observations.close();
  });
  return app;
}

function notFound(reply: FastifyReply): FastifyReply {
  reply.header('x-content-type-options', 'nosniff');
  return asText(reply, 404, '404 page not found\n');
}

function asText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(text);
}
