import { createHash, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import type { UserParts } from './index.ts';

type Upload = { readonly id: string; readonly name: string; readonly bytes: number } & (
  | { readonly state: 'queued' | 'failed' }
  | { readonly state: 'done'; readonly sha256: string }
);

const upload = {
  type: 'object',
  required: ['workspace', 'name', 'content'],
  properties: {
    workspace: { type: 'integer', minimum: 1, maximum: 2147483647 },
    name: { type: 'string', minLength: 1, maxLength: 200 },
    content: { type: 'string', maxLength: 4 << 20 },
  },
} as const;

const AT_ONCE = 2;
const MOST_QUEUED = 1000;
const REMEMBERED = 10_000;
const BODY_LIMIT = 5 << 20;

/** Uploads are taken at once and worked through later, a few at a time; who asks is told how far they are. */
export function uploadRoutes(app: FastifyInstance, { redis, metrics }: UserParts): void {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const uploads = new LRUCache<string, Upload>({ max: REMEMBERED });
  metrics.watch('uploads_queued', 'Uploads that wait to be worked through', () => queue.size + queue.pending);

  const work = async (taken: Upload, content: string) => {
    try {
      const sha256 = createHash('sha256').update(content).digest('hex');
      await redis.set(`upload:${taken.id}`, content, 'EX', 60);
      uploads.set(taken.id, { ...taken, state: 'done', sha256 });
    } catch {
      uploads.set(taken.id, { ...taken, state: 'failed' });
    }
  };

  app.post<{ Body: { workspace: number; name: string; content: string } }>(
    '/users/uploads',
    { schema: { body: upload }, bodyLimit: BODY_LIMIT },
    async ({ body: { name, content } }, reply) => {
      if (queue.size >= MOST_QUEUED) return reply.code(503).send({ error: 'too many uploads are queued' });
      const taken: Upload = { id: randomUUID(), name, bytes: Buffer.byteLength(content), state: 'queued' };
      uploads.set(taken.id, taken);
      void queue.add(() => work(taken, content));
      return reply.code(202).send({ id: taken.id, state: taken.state });
    },
  );

  app.get<{ Params: { id: string } }>('/users/uploads/:id', async (request, reply) => {
    return uploads.get(request.params.id) ?? reply.code(404).send({ error: 'no such upload' });
  });
}
