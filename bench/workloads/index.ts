import type { Workload } from '../contract.ts';
import { bulk } from './bulk.ts';
import { connections } from './connections.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';

/** In the order of the page. */
export const WORKLOADS: readonly Workload[] = [redis, postgres, bulk, connections];
