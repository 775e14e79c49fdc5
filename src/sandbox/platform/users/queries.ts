import type { FastifyInstance } from 'fastify';
import type { UserParts } from './index.ts';

const id = { type: 'integer', minimum: 1, maximum: 2147483647 } as const;
const ofWorkspace = { type: 'object', required: ['workspace'], properties: { workspace: id } } as const;
const search = {
  type: 'object',
  required: ['q'],
  properties: { q: { type: 'string', minLength: 1, maxLength: 200 }, workspace: id },
} as const;
const account = { type: 'object', properties: { id } } as const;
const MOST_HITS = 20;

export function queryRoutes(app: FastifyInstance, { database, workspaces }: UserParts): void {
  app.get<{ Querystring: { workspace: number } }>(
    '/users/queries/simple',
    { schema: { querystring: ofWorkspace } },
    async (request, reply) => {
      const workspace = await workspaces.find(request.query.workspace);
      return workspace ?? reply.code(404).send({ error: 'no such workspace' });
    },
  );

  /** How a workspace does beside all others: it reads every task of the last hour. */
  app.get<{ Querystring: { workspace: number } }>(
    '/users/queries/complex',
    { schema: { querystring: ofWorkspace } },
    async (request) => {
      const [row] = await database.read(
        `with recent as (
           select workspace_id, state, extract(epoch from finished_at - created_at)::float8 as took
           from tasks where created_at > now() - interval '1 hour'
         ), each_workspace as (
           select workspace_id, count(*)::int as tasks, count(*) filter (where state = 'done')::int as done,
                  percentile_cont(0.95) within group (order by took) as p95
           from recent group by workspace_id
         )
         select w.tasks, w.done, w.p95, (select count(*)::int from each_workspace o where o.done > w.done) + 1 as rank
         from each_workspace w where w.workspace_id = $1`,
        [request.query.workspace],
      );
      return row ?? { tasks: 0, done: 0, p95: null, rank: null };
    },
  );

  app.get<{ Querystring: { q: string; workspace?: number } }>(
    '/users/search',
    { schema: { querystring: search } },
    async (request) => {
      const pattern = `%${request.query.q.replace(/[\\%_]/g, '\\$&')}%`;
      const hits = await database.read(
        `select id, title, state from tasks where title ilike $1 and ($2::int is null or workspace_id = $2)
         order by id desc limit ${MOST_HITS}`,
        [pattern, request.query.workspace ?? null],
      );
      return { hits };
    },
  );

  app.get<{ Params: { id: number } }>(
    '/users/accounts/:id',
    { schema: { params: account } },
    async (request, reply) => {
      const [row] = await database.read('select id, name, plan, created_at from workspaces where id = $1', [
        request.params.id,
      ]);
      return row ?? reply.code(404).send({ error: 'no such account' });
    },
  );
}
