import type { FastifyInstance } from 'fastify';
import type { Database } from '../parts.ts';

export class AccessDenied extends Error {
  readonly statusCode: 401 | 403;

  constructor(statusCode: 401 | 403) {
    super(statusCode === 401 ? 'the header x-user is missing' : 'this workspace belongs to someone else');
    this.name = 'AccessDenied';
    this.statusCode = statusCode;
  }
}

/**
 * Who may see a workspace: its owner.
 * @param user as the header says; without one the request is let through unless `required`
 * @throws AccessDenied
 */
export function checkOwner(user: string | undefined, owner: string | undefined, required: boolean): void {
  if (user === undefined) {
    if (required) throw new AccessDenied(401);
    return;
  }
  if (owner !== undefined && user !== owner) throw new AccessDenied(403);
}

/** Checks each request that names a workspace or a task against its owner. */
export function accessGuard(database: Database, required: boolean): (app: FastifyInstance) => void {
  return (app) => {
    app.addHook<{ Params: { id?: number | string } }>('preHandler', async (request) => {
      const { id } = request.params;
      if (id === undefined) return;
      const named = request.headers['x-user'];
      const user = typeof named === 'string' ? named : undefined;
      const route = request.routeOptions.url ?? '';
      // Probes may look at workspaces without saying who they are; no probe looks at keys.
      const mustBeNamed = required || route.endsWith('/keys');
      checkOwner(user, user && (await ownerOf(database, route, id)), mustBeNamed);
    });
  };
}

async function ownerOf(database: Database, route: string, id: number | string): Promise<string | undefined> {
  const sql = route.startsWith('/tasks/')
    ? 'select owner from workspaces w join tasks t on t.workspace_id = w.id where t.id = $1'
    : 'select owner from workspaces where id = $1';
  const [row] = await database.read<{ owner: string }>(sql, [id]);
  return row?.owner;
}
