/** Experiments that ship for the sandbox: files in `experiments`, without their ending. */
export const EXPERIMENTS = [
  'openai-outage-cascade',
  'ai-provider-latency',
  'rate-limit-storm',
  'stream-stall',
  'service-discovery-failure',
  'database-connection-loss',
  'database-failover',
  'redis-pool-exhaustion',
  'cache-stampede',
  'memory-system-overload',
  'load-spike',
] as const;
