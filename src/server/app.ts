import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance } from 'fastify';
import { FaultlineError, FaultlineErrors } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { checkHost, checkOrigin } from '../proxy/api/guards.ts';
import type { Controller } from './controller.ts';
import { addDashboard } from './dashboard/index.ts';
import { addHeaders } from './guards/headers.ts';
import { addGuards } from './guards/index.ts';
import { addEventRoutes } from './routes/events.ts';
import { addExperimentRoutes } from './routes/experiments.ts';
import { addGameDayRoutes } from './routes/gamedays.ts';
import { addHaltRoutes } from './routes/halt.ts';
import { addMetricsRoutes } from './routes/metrics.ts';
import { addProxyRoutes } from './routes/proxies.ts';
import { addRunRoutes } from './routes/runs.ts';
import { addScheduleRoutes } from './routes/schedules.ts';
import { addStatusRoutes } from './routes/status.ts';
import { jsonSchemas, validate } from './schemas.ts';

/** Bytes of a body; nothing that is sent here is long. */
const BODY_LIMIT = 1024 * 1024;

export interface AppOptions {
  readonly controller: Controller;
  readonly version: string;
  /** Address that it will listen on. */
  readonly host: string;
  /** Addresses of proxies in front of it, which say whom they speak for. */
  readonly behind: readonly string[];
  /** Host names with dots that it answers to, beside addresses, `localhost` and names without dots. */
  readonly allowedHosts: readonly string[];
}

/** The control plane's API over a controller. Not listening yet. */
export async function createApp({
  controller,
  version,
  host,
  behind,
  allowedHosts,
}: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    // A client that sends half a request must not keep its connection for ever.
    requestTimeout: 15_000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // Anybody else could give themselves another address with each guess at a token.
    trustProxy: behind.length > 0 ? [...behind] : false,
  });
  app.setValidatorCompiler(validate);
  app.setErrorHandler((error, _, reply) => {
    const { status, code, message } = inTable(error);
    return reply.code(status).send({ error: { code, message } });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: { code: 'NO_ROUTE', message: `There is no ${request.method} ${request.url.split('?')[0]}.` },
    }),
  );
  app.addHook('onRequest', async (request) => {
    checkHost(request.headers.host, allowedHosts);
    checkOrigin(request, allowedHosts);
  });
  addHeaders(app);
  addGuards(app, { cwd: controller.cwd, host, audit: controller.audit });
  await app.register(swagger, {
    openapi: {
      info: { title: 'Faultline', version, description: 'Runs, schedules and history of chaos experiments.' },
    },
    transform: jsonSchemas,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  const routes = [
    addStatusRoutes,
    addExperimentRoutes,
    addRunRoutes,
    addEventRoutes,
    addHaltRoutes,
    addScheduleRoutes,
    addGameDayRoutes,
    addProxyRoutes,
    addMetricsRoutes,
  ];
  for (const add of routes) await app.register(async (scope) => add(scope, controller));
  await addDashboard(app);
  return app;
}

/** What the system says of a disk that is full, or that may not be written. */
const OF_THE_DISK: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EIO']);

/** Any error as a row of the table; what is in none says no more than that. */
function inTable(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof FaultlineError)
    return { status: error.status, code: error.code, message: String(error) };
  if (error instanceof FaultlineErrors) {
    const { status, code } = error.errors[0]!;
    return { status, code, message: error.message };
  }
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code !== undefined && OF_THE_DISK.has(code))
    return inTable(new FaultlineError('DISK_NOT_WRITTEN', { reason: code }));
  if (statusCode !== undefined && statusCode < 500)
    return { status: statusCode, code: code ?? 'BAD_REQUEST', message: reasonOf(error) };
  return {
    status: 500,
    code: 'INTERNAL',
    message: 'Something went wrong within the control plane; its log says what.',
  };
}
