import { connect } from 'node:net';
import { type Clock, sleep } from '../core/clock.ts';
import { FaultlineError } from '../core/errors.ts';
import type { LoadSummary } from '../core/journal.ts';
import type { LoadSpec, LoadTraffic } from '../core/plan.ts';
import { maskUrls } from '../core/secrets.ts';
import { type LoadContext, startLoad } from './index.ts';
import type { ResourceSample } from './resources/roles.ts';
import { type MetricsSource, type Sampling, sampleMetrics } from './resources/sample.ts';
import type { LoadResult } from './result/contract.ts';
import { totalMs } from './stages.ts';

export interface RunLoadOptions extends LoadContext {
  readonly spec: LoadSpec & { readonly traffic: LoadTraffic };
  readonly clock: Clock;
  readonly metrics?: MetricsSource;
  /** Ends it early; what was seen until then is told. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (seen: LoadSummary) => void;
}

export interface RanLoad {
  readonly summary: LoadResult['summary'];
  readonly samples: readonly ResourceSample[];
  /** Why the metrics tell nothing. */
  readonly problem?: string;
}

const REACH_MS = 5000;
const LONGEST_LOOK_MS = 5000;
const SHORTEST_LOOK_MS = 250;
const LOOKS = 40;

/**
 * Sends a load from its first stage to its last, and waits for the answers that are still due then.
 * @throws FaultlineError LOAD_UNREACHABLE before anything is sent
 */
export async function runLoad(options: RunLoadOptions): Promise<RanLoad> {
  const { spec, clock, metrics, signal, onProgress, ...context } = options;
  await checkReachable(spec.target);
  const total = totalMs(spec.traffic.stages);
  const look = Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, total / LOOKS));
  const load = startLoad(spec, context);
  let sampling: Sampling | undefined;
  try {
    let seen = await load.seen();
    sampling = metrics && sampleMetrics(metrics, look, clock);
    for (;;) {
      const left = total - seen.traffic!.durationMs;
      if (left <= 0 || signal?.aborted) break;
      await sleep(clock, Math.min(look, left), signal);
      seen = await load.seen();
      onProgress?.(seen);
    }
    // Before the last answers: a target that is idle again would tell of less than it bore.
    const sampled = (await sampling?.stop()) ?? { samples: [] };
    const summary = await load.stop(signal?.aborted ? 0 : spec.traffic.timeoutMs);
    return { summary: summary as LoadResult['summary'], ...sampled };
  } finally {
    await sampling?.stop();
    await load.stop().catch(() => {});
  }
}

/** @throws FaultlineError LOAD_UNREACHABLE when nothing accepts a connection there */
async function checkReachable(target: string): Promise<void> {
  const { hostname, port, protocol } = new URL(target);
  const usual: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
  const problem = await new Promise<string | undefined>((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (usual[protocol] ?? 6379) : Number(port),
    });
    const end = (reason?: string) => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(REACH_MS, () => end('it does not answer'));
    socket.once('connect', () => end());
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
  if (problem === undefined) return;
  throw new FaultlineError('LOAD_UNREACHABLE', { target: maskUrls(target), reason: problem });
}
