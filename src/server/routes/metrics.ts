import type { FastifyInstance } from 'fastify';
import type { Controller } from '../controller.ts';

/** For Prometheus, with a viewer's token where there are tokens. */
export function addMetricsRoutes(app: FastifyInstance, { metrics }: Controller): void {
  app.get('/metrics', { schema: { summary: "Metrics in Prometheus' text format." } }, async (_, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
}
