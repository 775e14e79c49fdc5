import type { FastifyInstance } from 'fastify';
import type { Controller } from '../controller.ts';

/** Whether it works, for people and for whatever restarts it. */
export function addStatusRoutes(app: FastifyInstance, controller: Controller): void {
  app.get(
    '/healthz',
    {
      config: { role: 'anyone' },
      schema: { summary: 'Whether the control plane works, and what it cannot do now.' },
    },
    async ({ principal }) => ({
      status: controller.degraded.length === 0 ? 'ok' : 'degraded',
      controller: controller.name,
      leads: controller.leads,
      degraded: controller.degraded,
      running: controller.launcher
        .running()
        .map(({ id }) => id)
        .filter((id) => !controller.gameDays.hides(id, principal)),
    }),
  );
}
