import Fastify, { type FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';
import type { Health, Registry, Tasks, Workspaces } from './parts.ts';

export interface ApiParts {
  readonly workspaces: Workspaces;
  readonly tasks: Tasks;
  readonly registry: Registry;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Routes and hooks that patterns add, in their order. */
  readonly extensions?: readonly ((app: FastifyInstance) => void)[];
}

const workspaceId = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1, maximum: 2147483647 } },
} as const;
const taskId = { type: 'object', properties: { id: { type: 'string', pattern: '^[0-9]{1,18}$' } } } as const;
const serviceName = {
  type: 'object',
  properties: { name: { type: 'string', pattern: '^[a-z-]{1,40}$' } },
} as const;
const newTask = {
  type: ['object', 'null'],
  properties: { title: { type: 'string', minLength: 1, maxLength: 500 } },
} as const;

/** The HTTP interface of the platform. */
export function buildApi({
  workspaces,
  tasks,
  registry,
  health,
  metrics,
  extensions = [],
}: ApiParts): FastifyInstance {
  const app = Fastify({ logger: false });

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.httpSeconds.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });

  for (const extend of extensions) extend(app);

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

  app.get<{ Params: { name: string } }>(
    '/services/:name',
    { schema: { params: serviceName } },
    async (request) => ({ seen: await registry.discover(request.params.name) }),
  );

  app.get('/health', async (_request, reply) => {
    const { status, body } = await health.report();
    return reply.code(status).send(body);
  });

  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });

  return app;
}
