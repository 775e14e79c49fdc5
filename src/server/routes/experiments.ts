import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import type { Controller } from '../controller.ts';
import { dryRun } from '../runs/dry-run.ts';
import { experimentNamed } from '../runs/experiments.ts';

const byName = z.object({ name: z.string() });

/** Experiments, by name only: no file is ever named over the API. */
export function addExperimentRoutes(app: FastifyInstance, controller: Controller): void {
  const { launcher, shelf, gameDays } = controller;
  /** An observer of a blind item who compares probes and steps with what is written would know which it is. */
  const refuseObservers = ({ principal }: FastifyRequest) => {
    if (gameDays.blinds(principal))
      throw new FaultlineError('NOT_NOW', {
        act: 'Reading an experiment',
        why: 'a blind item of a game day is under way',
      });
  };

  app.get(
    '/api/experiments',
    { schema: { summary: 'All experiments, also those whose file is wrong.' } },
    async () => ({
      experiments: await launcher.experiments(),
    }),
  );
  app.get<{ Params: z.infer<typeof byName> }>(
    '/api/experiments/:name',
    { schema: { summary: 'An experiment as it is planned; secrets are masked.', params: byName } },
    async (request) => {
      refuseObservers(request);
      const { plan } = experimentNamed(shelf, request.params.name);
      return {
        name: plan.name,
        title: plan.title,
        hypothesis: plan.hypothesis,
        tags: plan.tags,
        text: plan.source.text,
      };
    },
  );
  app.post<{ Params: z.infer<typeof byName> }>(
    '/api/experiments/:name/plan',
    {
      schema: {
        summary: 'The dry run: steps, reach, limits, approvals that it needs; touches nothing.',
        params: byName,
      },
    },
    async (request) => {
      refuseObservers(request);
      const { plan, limits } = experimentNamed(shelf, request.params.name);
      return { plan: dryRun(plan, limits, await controller.closed(Date.now())) };
    },
  );
}
