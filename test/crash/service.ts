import type { AbortRule } from '../../src/core/limits.ts';
import type { ProbeSpec } from '../../src/core/plan.ts';
import type { CrashKind } from '../../src/experiments/proof/crash.ts';
import type { Service as ProbedService } from '../../src/experiments/proof/stage.ts';
import { type Service, startPostgres, startRedis } from '../support/services.ts';

export interface StartedService extends ProbedService {
  stop(): Promise<void>;
}

/** The real server that a kind of crash kills, asked by a probe; undefined for the kinds that kill none. */
export async function serviceFor(kind: CrashKind): Promise<StartedService | undefined> {
  if (kind === 'Redis killed') {
    const redis = await startRedis();
    return probed(redis, { kind: 'redis', url: redis.url, command: ['PING'] });
  }
  if (kind === 'Postgres killed') {
    const postgres = await startPostgres();
    return probed(postgres, { kind: 'postgres', url: postgres.url, query: 'select 1' });
  }
  return undefined;
}

type Asked =
  | Pick<Extract<ProbeSpec, { kind: 'redis' }>, 'kind' | 'url' | 'command'>
  | Pick<Extract<ProbeSpec, { kind: 'postgres' }>, 'kind' | 'url' | 'query'>;

function probed(service: Service, asked: Asked): StartedService {
  const name = asked.kind;
  const timing = { name, everyMs: 50, timeoutMs: 1000, windowMs: 1000, expect: [] };
  const rule: AbortRule = {
    probe: name,
    measure: 'errorRate',
    operator: '>',
    bound: 0.5,
    relative: false,
    forMs: 200,
    text: 'errorRate > 50% for 200 ms',
    source: 'experiment',
  };
  return {
    probes: [{ ...timing, ...asked }],
    abortWhen: [rule],
    kill: async () => void process.kill(service.pid!, 'SIGKILL'),
    stop: () => service.stop(),
  };
}
