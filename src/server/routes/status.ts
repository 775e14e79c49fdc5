import type { FastifyInstance } from 'fastify';
import type { Controller } from '../controller.ts';
import { isStranger } from './who.ts';

/** Whether it works, for people and for whatever restarts it. */
export function addStatusRoutes(app: FastifyInstance, controller: Controller): void {
  app.get(
    '/healthz',
    {
      config: { role: 'anyone' },
      schema: { summary: 'Whether the control plane works, and what it cannot do now.' },
    },
    async (request) => ({
      status: controller.degraded.length === 0 ? 'ok' : 'degraded',
      controller: controller.name,
      leads: controller.leads,
      degraded: controller.degraded,
      // Their ids tell what is being tested, which is nothing for strangers.
      running: isStranger(request)
        ? []
        : controller.launcher
            .running()
            .map(({ id }) => id)
            .filter((id) => !controller.gameDays.hides(id, request.principal)),
    }),
  );
}
