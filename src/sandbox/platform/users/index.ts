import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import type { Metrics } from '../metrics.ts';
import type { Database, Workspaces } from '../parts.ts';
import { agentRoutes } from './agents.ts';
import { calculationRoutes } from './calculations.ts';
import { queryRoutes } from './queries.ts';
import { uploadRoutes } from './uploads.ts';

export interface UserParts {
  readonly database: Database;
  readonly redis: Redis;
  readonly workspaces: Workspaces;
  readonly metrics: Metrics;
}

/** What users do all day: ask, compute, upload, search, look at their account; and agents that keep their state. */
export function userRoutes(parts: UserParts): (app: FastifyInstance) => void {
  return (app) => {
    queryRoutes(app, parts);
    calculationRoutes(app);
    uploadRoutes(app, parts);
    agentRoutes(app, parts);
  };
}
