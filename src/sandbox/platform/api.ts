import Fastify, { type FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';

export interface ApiParts {
  readonly workspaces: { find(id: number): Promise<object | undefined> };
  readonly tasks: {
    create(workspaceId: number, title: string): Promise<string | undefined>;
    find(id: string): Promise<object | undefined>;
  };
  readonly registry: { discover(service: string): Promise<string> };
  readonly metrics: Metrics;
}

const workspaceId = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1, maximum: 2147483647 } },
} as const;
const taskId = { type: 'object', properties: { id: { type: 'string', pattern: '^[0-9]{1,18}$' } } } as const;
const newTask = {
  type: ['object', 'null'],
  properties: { title: { type: 'string', minLength: 1, maxLength: 500 } },
} as const;

/** The HTTP interface of the platform. */
export function buildApi({ workspaces, tasks, registry, metrics }: ApiParts): FastifyInstance {
  const app = Fastify({ logger: false });

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.httpSeconds.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });

  app.post<{ Params: { id: number }; Body: { title?: string } | null }>(
    '/workspaces/:id/tasks',
    { schema: { params: workspaceId, body: newTask } },
    async (request, reply) => {
      const id = await tasks.create(request.params.id, request.body?.title ?? 'Untitled task');
      if (id === undefined) return reply.code(404).send({ error: 'no such workspace' });
      return reply.code(201).send({ id, state: 'pending' });
    },
  );

  app.get<{ Params: { id: number } }>(
    '/workspaces/:id',
    { schema: { params: workspaceId } },
    async (request, reply) => {
      const workspace = await workspaces.find(request.params.id);
      return workspace ?? reply.code(404).send({ error: 'no such workspace' });
    },
  );

  app.get<{ Params: { id: string } }>(
    '/tasks/:id',
    { schema: { params: taskId } },
    async (request, reply) => {
      const task = await tasks.find(request.params.id);
      return task ?? reply.code(404).send({ error: 'no such task' });
    },
  );

  app.get('/health', async () => ({
    status: 'ok',
    orchestratorSeen: await registry.discover('orchestrator'),
  }));

  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });

  return app;
}
