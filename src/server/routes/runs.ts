import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import { oneLine } from '../../core/halt.ts';
import { compareRuns, whyNotComparable } from '../../report/compare/comparison.ts';
import { renderComparisonHtml } from '../../report/compare/html.ts';
import { renderHtml, renderMarkdown } from '../../report/index.ts';
import type { Controller } from '../controller.ts';
import { REPORT_POLICY } from '../guards/headers.ts';
import { liveState } from '../live/state.ts';
import { whoOf } from './who.ts';

const order = z.strictObject({
  experiment: z.string().min(1).describe('Name of an experiment.'),
  approvedBy: z.array(z.string().min(1)).default([]).describe('Who approved a reach that needs it.'),
});
const page = z.object({
  experiment: z.string().optional(),
  before: z.string().optional().describe('Id of the run before which the page begins.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const byId = z.object({ id: z.string().regex(/^[\w-]+$/, 'a run is named by its id') });
const byPair = byId.extend({ other: byId.shape.id });
const reason = z.strictObject({ reason: z.string().min(1).max(500).default('stopped by hand') });

/** Starting, watching and ending runs, and what is known of those that are over. */
export function addRunRoutes(app: FastifyInstance, { launcher, history, gameDays }: Controller): void {
  const known = async (id: string, { principal }: FastifyRequest) => {
    const summary = gameDays.hides(id, principal) ? undefined : await history.summary(id);
    if (!summary) throw new FaultlineError('UNKNOWN_RUN', { run: id, runs: 'the history' });
    return summary;
  };

  app.post<{ Body: z.infer<typeof order> }>(
    '/api/runs',
    { schema: { summary: 'Start an experiment by its name.', body: order } },
    async (request, reply) => {
      const run = await launcher.start({ ...request.body, by: whoOf(request) });
      return reply.code(202).send({ run: run.id });
    },
  );
  app.get<{ Querystring: z.infer<typeof page> }>(
    '/api/runs',
    { schema: { summary: 'Runs that are over, the newest first.', querystring: page } },
    async ({ query, principal }) => {
      const runs = await history.list(query);
      return {
        runs: runs.filter(({ id }) => !gameDays.hides(id, principal)),
        degraded: history.degraded ?? null,
      };
    },
  );
  app.get<{ Params: z.infer<typeof byId> }>(
    '/api/runs/:id',
    {
      schema: { summary: 'A run: as it stands while it goes on, its summary when it is over.', params: byId },
    },
    async (request) => {
      const { id } = request.params;
      const run = gameDays.hides(id, request.principal) ? undefined : launcher.run(id);
      return run ? { live: liveState(run, { whole: true }) } : { summary: await known(id, request) };
    },
  );
  app.post<{ Params: z.infer<typeof byId>; Body: z.infer<typeof reason> }>(
    '/api/runs/:id/stop',
    {
      config: { takesBack: true },
      schema: { summary: 'Take its faults back and end it.', params: byId, body: reason },
    },
    async (request, reply) => {
      const run = launcher.run(request.params.id);
      if (!run) throw new FaultlineError('UNKNOWN_RUN', { run: request.params.id, runs: 'those that go on' });
      run.stop(oneLine(request.body.reason), whoOf(request));
      return reply.code(202).send({ run: run.id });
    },
  );
  const report = (
    path: string,
    type: string,
    render: (summary: Awaited<ReturnType<typeof known>>) => string,
  ) =>
    app.get<{ Params: z.infer<typeof byId> }>(
      `/api/runs/:id/${path}`,
      { schema: { summary: 'The report of a run.', params: byId } },
      async (request, reply) =>
        reply
          .header('content-security-policy', REPORT_POLICY)
          .type(type)
          .send(render(await known(request.params.id, request))),
    );
  report('report.html', 'text/html; charset=utf-8', renderHtml);
  report('report.md', 'text/markdown; charset=utf-8', renderMarkdown);
  report('report.json', 'application/json; charset=utf-8', (summary) => JSON.stringify(summary));
  app.get<{ Params: z.infer<typeof byPair> }>(
    '/api/runs/:id/compare/:other',
    { schema: { summary: 'Two runs of one experiment, held against each other.', params: byPair } },
    async (request, reply) => {
      const { id, other } = request.params;
      const runs = [await known(id, request), await known(other, request)] as const;
      const reason = whyNotComparable(runs);
      if (reason !== undefined) throw new FaultlineError('RUNS_DIFFER', { reason });
      const comparison = compareRuns(runs, ['first', 'second']);
      return reply
        .header('content-security-policy', REPORT_POLICY)
        .type('text/html; charset=utf-8')
        .send(renderComparisonHtml(comparison, runs));
    },
  );
}
