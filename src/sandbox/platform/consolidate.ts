import type { FastifyInstance } from 'fastify';
import type { Consolidation } from './parts.ts';

const params = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1, maximum: 2147483647 } },
} as const;
const body = {
  type: ['object', 'null'],
  properties: { factor: { type: 'integer', minimum: 1, maximum: 1000 } },
} as const;

/** Route that consolidates one workspace's memory and answers when it is through. */
export function consolidateRoute(consolidation: Consolidation): (app: FastifyInstance) => void {
  return (app) => {
    app.post<{ Params: { id: number }; Body: { factor?: number } | null }>(
      '/workspaces/:id/consolidate',
      { schema: { params, body } },
      async (request) => consolidation.consolidate(request.params.id, request.body?.factor),
    );
  };
}

/** Consolidates all workspaces together, one cycle each so many seconds; 0: never. */
export function consolidateEvery(seconds: number, consolidation: Consolidation): void {
  if (seconds <= 0) return;
  setInterval(() => {
    consolidation.consolidate().catch((error: Error) => console.error('consolidation:', error.message));
  }, seconds * 1000);
}
