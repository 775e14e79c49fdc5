import { resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { readStopFile } from '../../safety/stop-file.ts';
import type { Controller } from '../controller.ts';
import { ownVerb } from '../own-command.ts';
import { whoOf } from './who.ts';

const halt = z.strictObject({ reason: z.string().min(1).max(500).default('halted from the control plane') });

/** The kill switch: the same that `faultline halt` throws, in a process of its own, so that nothing here can hold it up. */
export function addHaltRoutes(app: FastifyInstance, controller: Controller): void {
  const say = (...args: string[]) => ownVerb(controller, ['halt', ...args]);

  app.get(
    '/api/halt',
    { schema: { summary: 'Whether the kill switch is on, since when, why and by whom.' } },
    async () => ({
      halted: (await readStopFile(resolve(controller.cwd, controller.limits().stopFile))) ?? null,
    }),
  );
  app.post<{ Body: z.infer<typeof halt> }>(
    '/api/halt',
    {
      config: { takesBack: true },
      schema: { summary: 'Take every fault back, end every run, refuse new ones until lifted.', body: halt },
    },
    async (request, reply) => {
      const { exit, said } = await say('--reason', request.body.reason, '--by', whoOf(request));
      return reply.code(exit === 0 ? 200 : 500).send({ halted: exit === 0, said });
    },
  );
  app.delete('/api/halt', { schema: { summary: 'Lift the kill switch.' } }, async (request, reply) => {
    const { exit, said } = await say('--lift', '--by', whoOf(request));
    return reply.code(exit === 0 ? 200 : 500).send({ halted: exit !== 0, said });
  });
}
