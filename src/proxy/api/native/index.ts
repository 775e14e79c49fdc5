import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../../../core/errors.ts';
import { oneLine } from '../../../core/halt.ts';
import { formatSize } from '../../../core/units.ts';
import type { DataPlane } from '../../contract.ts';
import { BadBody, BODY_LIMIT, readBody } from '../body.ts';
import { checkOrigin } from '../guards.ts';
import { addRoutes, type RouteTable } from '../routes.ts';
import { faultSetSchema } from './fault-set.ts';
import { notListening } from './health.ts';
import type { Metrics } from './metrics.ts';
import type { ObservationStreams } from './observations.ts';

interface NativeParts {
  readonly plane: DataPlane;
  /** Names of declared proxies that do not listen yet. */
  readonly opening: ReadonlySet<string>;
  readonly metrics: Metrics;
  readonly observations: ObservationStreams;
}

const canarySchema = z.strictObject({ proxy: z.string(), port: z.int().min(1).max(65_535) });
const line = z.string().transform(oneLine);
const haltSchema = z.object({ reason: line.pipe(z.string().min(1)), by: line.optional() });

/** Every route of our own. */
export function nativeRoutes({ plane, opening, metrics, observations }: NativeParts): RouteTable {
  return {
    '/faults': {
      PUT: (request) => plane.putFaults(readBody(request.body, faultSetSchema)),
      GET: () => plane.state(),
      DELETE: (request) => plane.emptyFaults(epochOf(request)),
    },
    '/observations': { GET: (_, reply) => observations.open(reply) },
    '/connections': {
      GET: () => ({ connections: plane.connections() }),
      DELETE: (request) => ({ closed: plane.closeConnections(proxyOf(plane, request)) }),
    },
    '/canaries': {
      POST: (request, reply) => {
        const { proxy, port } = readBody(request.body, canarySchema);
        const found = plane.proxy(proxy);
        if (!found) throw new FaultlineError('UNKNOWN_PROXY', { proxy });
        found.expectCanary(port);
        return reply.code(204).send();
      },
    },
    '/halt': {
      POST: (request) => {
        const { reason, by } = haltAsked(request.body);
        plane.halt(reason, by || undefined);
        return plane.state();
      },
      DELETE: (request) => {
        const { by } = request.query as { by?: unknown };
        plane.lift(typeof by === 'string' ? oneLine(by) || undefined : undefined);
        return plane.state();
      },
    },
    '/healthz': {
      GET: (_, reply) => {
        const missing = notListening(plane, opening);
        return reply.code(missing.length === 0 ? 200 : 503).send({
          faultline: 'data plane',
          status: missing.length === 0 ? 'ok' : 'not listening',
          instance: plane.instance,
          pid: process.pid,
          notListening: missing,
        });
      },
    },
    '/metrics': {
      GET: async (_, reply) => reply.header('content-type', metrics.contentType).send(await metrics.text()),
    },
  };
}

export function addNativeRoutes(
  app: FastifyInstance,
  routes: RouteTable,
  allowedHosts: readonly string[],
): void {
  app.addHook('onRequest', async (request) => checkOrigin(request, allowedHosts));
  app.setErrorHandler((error, _, reply) => {
    const known = asFaultlineError(error);
    return reply
      .code(known.status)
      .send({ error: { code: known.code, message: known.message }, status: known.status });
  });
  addRoutes(app, routes);
}

/** Every error as one of the table's. */
export function asFaultlineError(error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error;
  if (error instanceof BadBody) {
    return new FaultlineError('BAD_BODY', {
      reason: error.message === 'EOF' ? 'it is empty' : error.message,
    });
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new FaultlineError('BODY_TOO_LARGE', { limit: formatSize(BODY_LIMIT) });
  if (code?.startsWith('FST_')) return new FaultlineError('BAD_BODY', { reason: message });
  return new FaultlineError('INTERNAL', { reason: message });
}

/** An emergency stop is never refused for its wording. */
function haltAsked(body: unknown): { readonly reason: string; readonly by?: string | undefined } {
  try {
    return readBody(body, haltSchema);
  } catch {
    return { reason: 'no reason given' };
  }
}

function epochOf(request: FastifyRequest): number | undefined {
  const { epoch } = request.query as { epoch?: unknown };
  if (epoch === undefined) return undefined;
  if (typeof epoch === 'string' && /^\d{1,15}$/.test(epoch)) return Number(epoch);
  throw new FaultlineError('BAD_VALUE', {
    value: epoch,
    where: 'epoch',
    expected: 'expected a whole number',
  });
}

function proxyOf(plane: DataPlane, request: FastifyRequest): string | undefined {
  const { proxy } = request.query as { proxy?: string };
  if (proxy === undefined || plane.proxy(proxy)) return proxy;
  throw new FaultlineError('UNKNOWN_PROXY', { proxy });
}
