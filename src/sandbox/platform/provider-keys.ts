import type { FastifyInstance } from 'fastify';
import type { Database } from './parts.ts';

/** Turns a key into what is stored. */
export type Seal = (key: string, place: string) => string;

/** Stores it as it is. */
export const plain: Seal = (key) => key;

const params = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1, maximum: 2147483647 } },
} as const;
const body = {
  type: 'object',
  required: ['provider', 'key'],
  properties: {
    provider: { type: 'string', pattern: '^[a-z0-9-]{1,40}$' },
    key: { type: 'string', minLength: 8, maxLength: 500 },
  },
} as const;

/** Routes for a workspace's own keys of AI providers: written whole, read back as their last four characters. */
export function providerKeys(database: Database, seal: Seal): (app: FastifyInstance) => void {
  return (app) => {
    app.post<{ Params: { id: number }; Body: { provider: string; key: string } }>(
      '/workspaces/:id/keys',
      { schema: { params, body } },
      async (request, reply) => {
        const { id } = request.params;
        const { provider, key } = request.body;
        const stored = await database.write((client) =>
          client.query(
            `insert into provider_keys (workspace_id, provider, key, last_four)
             select id, $2, $3, $4 from workspaces where id = $1
             on conflict (workspace_id, provider) do update set key = excluded.key, last_four = excluded.last_four`,
            [id, provider, seal(key, `${id}/${provider}`), key.slice(-4)],
          ),
        );
        if (stored.rowCount === 0) return reply.code(404).send({ error: 'no such workspace' });
        return reply.code(201).send({ provider, key: masked(key.slice(-4)) });
      },
    );
    app.get<{ Params: { id: number } }>('/workspaces/:id/keys', { schema: { params } }, async (request) => {
      const rows = await database.read<{ provider: string; last_four: string }>(
        'select provider, last_four from provider_keys where workspace_id = $1 order by provider',
        [request.params.id],
      );
      return rows.map(({ provider, last_four }) => ({ provider, key: masked(last_four) }));
    });
  };
}

function masked(lastFour: string): string {
  return `…${lastFour}`;
}
