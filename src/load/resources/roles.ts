/** What is read of a target's metrics, and by which names well-known exporters have it; the first that a page has is taken. */
export const ROLES = {
  cpuSeconds: ['process_cpu_seconds_total'],
  memoryBytes: ['process_resident_memory_bytes', 'container_memory_working_set_bytes'],
  memoryLimitBytes: ['container_spec_memory_limit_bytes'],
  startedAt: ['process_start_time_seconds'],
  databaseInUse: ['db_pool_in_use', 'hikaricp_connections_active', 'pg_stat_activity_count'],
  databaseSize: ['db_pool_size', 'hikaricp_connections_max', 'pg_settings_max_connections'],
  databaseWaiting: ['db_pool_waiting', 'hikaricp_connections_pending'],
  cacheHits: ['cache_hits_total', 'redis_keyspace_hits_total'],
  cacheMisses: ['cache_misses_total', 'redis_keyspace_misses_total'],
  cacheEvictions: ['redis_evicted_keys_total'],
  /** Its JavaScript runs in one thread: one core is all that it can use. */
  oneThread: ['nodejs_version_info'],
} as const satisfies Record<string, readonly string[]>;

export type Role = keyof typeof ROLES;

/** What a metrics page said. */
export interface ResourceSample {
  /** ms after the beginning of the load. */
  readonly at: number;
  readonly values: Partial<Record<Role, number>>;
}
