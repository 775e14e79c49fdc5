import type { FastifyInstance } from 'fastify';
import type { UserParts } from './index.ts';

const params = {
  type: 'object',
  properties: { id: { type: 'string', pattern: '^[\\w-]{1,64}$' } },
} as const;
const body = {
  type: 'object',
  required: ['state'],
  properties: { state: { type: 'string', maxLength: 4 << 20 } },
} as const;

const BODY_LIMIT = 5 << 20;
const CACHED_S = 30;

/** What an agent knows: kept in Postgres, read through Redis. One that has written nothing yet has an empty state. */
export function agentRoutes(app: FastifyInstance, { database, redis, metrics }: UserParts): void {
  app.addHook('onReady', async () => {
    await database.pool.query(
      `create table if not exists agent_states (
         agent text primary key, version integer not null default 1, state text not null,
         written_at timestamptz not null default now())`,
    );
  });

  app.put<{ Params: { id: string }; Body: { state: string } }>(
    '/users/agents/:id/state',
    { schema: { params, body }, bodyLimit: BODY_LIMIT },
    async ({ params: { id }, body: { state } }) => {
      const version = await database.write(async (client) => {
        const { rows } = await client.query<{ version: number }>(
          `insert into agent_states (agent, state) values ($1, $2)
           on conflict (agent) do update set state = excluded.state, version = agent_states.version + 1, written_at = now()
           returning version`,
          [id, state],
        );
        return rows[0]!.version;
      });
      await redis.del(keyOf(id));
      return { agent: id, version };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/users/agents/:id/state',
    { schema: { params } },
    async ({ params: { id } }, reply) => {
      const cached = await redis.get(keyOf(id));
      if (cached !== null) {
        metrics.cacheHits.inc();
        return reply.type('application/json').send(cached);
      }
      metrics.cacheMisses.inc();
      const [row] = await database.read<{ version: number; state: string }>(
        'select version, state from agent_states where agent = $1',
        [id],
      );
      const answer = { agent: id, version: row?.version ?? 0, state: row?.state ?? '' };
      await redis.set(keyOf(id), JSON.stringify(answer), 'EX', CACHED_S);
      return answer;
    },
  );
}

function keyOf(id: string): string {
  return `agent:${id}:state`;
}
