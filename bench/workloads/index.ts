import type { Workload } from '../contract.ts';
import { bandwidth, latency } from './accuracy.ts';
import { breach } from './breach.ts';
import { bulk } from './bulk.ts';
import { connections } from './connections.ts';
import { detection } from './detection.ts';
import { falseAborts } from './false-aborts.ts';
import { held } from './held.ts';
import { httpLarge, httpSmall } from './http.ts';
import { identical } from './identical.ts';
import { idle } from './idle.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { streams } from './streams.ts';
import { swaps } from './swaps.ts';

/** In the order of the page. */
export const WORKLOADS: readonly Workload[] = [
  redis,
  postgres,
  bulk,
  identical,
  connections,
  idle,
  httpSmall,
  httpLarge,
  streams,
  latency,
  bandwidth,
  swaps,
  falseAborts,
  detection,
  held,
  breach,
];
