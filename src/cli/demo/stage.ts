import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FaultlineError } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import { startDataPlane } from '../../drivers/embedded/index.ts';
import { ownIdentity } from '../../drivers/process.ts';
import {
  DEMO_PORTS,
  SandboxError,
  type SandboxPorts,
  startPlatform,
  startServices,
} from '../../sandbox/index.ts';

const WARM_TASKS = 6;
const WARM_UP_MS = 60_000;
const POLL_MS = 100;

/** Everything that the demo breaks, up and running, and reached only through the data plane. */
export interface Stage {
  readonly platformUrl: string;
  /** The database itself, for probes that must not go through the proxy. */
  readonly databaseUrl: string;
  /** Redis itself, likewise. */
  readonly redisUrl: string;
  /** Stops it all, in the order in which it depends on each other. May be called at any time, once. */
  stop(): Promise<void>;
}

/** Where the data plane stands, and its control API. */
export type StagePlan = Pick<Plan, 'control' | 'proxies'>;

export interface StageOptions {
  readonly plan: StagePlan;
  /** Where the sandbox listens; the proxies must stand before these. */
  readonly ports?: SandboxPorts;
  /** Gets the services' logs. */
  readonly folder: string;
  /** The platform's patterns that are on, as it reads them. */
  readonly resilience: string;
  readonly signal: AbortSignal;
  /** Takes what is being started, for a reader. */
  say(text: string): void;
}

interface Part {
  readonly name: string;
  stop(): Promise<void>;
}

/**
 * Starts Postgres, Redis and the OpenAI simulator, the data plane in front of them, and the platform behind it.
 * @throws FaultlineError PORT_IN_USE before anything is started
 * @throws FaultlineError SANDBOX_NOT_STARTED when a part cannot start; those that did are stopped again
 */
export async function setStage({
  plan,
  ports = DEMO_PORTS,
  folder,
  resilience,
  signal,
  say,
}: StageOptions): Promise<Stage> {
  await portsFree(plan, ports);
  const parts: Part[] = [];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part.stop();
  };
  const add = async <T extends { stop(): Promise<void> }>(
    name: string,
    start: () => Promise<T>,
  ): Promise<T> => {
    signal.throwIfAborted();
    say(`starting ${name}`);
    const part = await start();
    parts.push({ name, stop: () => part.stop() });
    return part;
  };
  try {
    const services = await add('Postgres, Redis and an OpenAI simulator', () =>
      // A database or a Redis of the user's own is no place to play an outage.
      startServices({ ports, logDir: folder, env: {} }),
    );
    await add('Faultline in front of them', () =>
      startDataPlane({ control: plan.control, proxies: plan.proxies, folder, owner: ownIdentity() }),
    );
    const platform = await add('the AI-workspace platform', () =>
      startPlatform({
        databaseUrl: through(services.postgres.url, plan, 'postgres'),
        redisUrl: through(services.redis.url, plan, 'redis'),
        openaiBaseUrl: through(`${services.provider.url}/v1`, plan, 'openai'),
        apiKey: 'sk-sandbox-not-a-real-key',
        port: ports.platform,
        logDir: folder,
        resilience,
        // The outage's own probe creates as many tasks again. Limits of time and number have to fit an outage of a minute.
        env: { AGENT_TASKS_PER_SECOND: '2', TIME_SCALE: '6', QUEUE_LIMIT: '100' },
      }),
    );
    await atWork(platform.url, signal);
    return {
      stop,
      platformUrl: platform.url,
      databaseUrl: services.postgres.url,
      redisUrl: services.redis.url,
    };
  } catch (error) {
    await stop();
    if (error instanceof SandboxError)
      throw new FaultlineError('SANDBOX_NOT_STARTED', { reason: error.message });
    throw error;
  }
}

/** The same URL, by way of the proxy. */
function through(url: string, plan: StagePlan, name: string): string {
  const proxy = plan.proxies.find((one) => one.name === name);
  if (!proxy) throw new FaultlineError('UNKNOWN_PROXY', { proxy: name, suggestion: '' });
  const changed = new URL(url);
  changed.host = proxy.listen;
  return changed.href;
}

/** A platform that has just started has finished nothing yet, and would be taken for a sick one. */
async function atWork(url: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + WARM_UP_MS;
  while (performance.now() < deadline) {
    const metrics = await (await fetch(`${url}/metrics`, { signal })).text();
    const finished = /^tasks_completed_total (\d+)/m.exec(metrics)?.[1];
    if (Number(finished) >= WARM_TASKS) return;
    await setTimeout(POLL_MS, undefined, { signal });
  }
  throw new FaultlineError('SANDBOX_NOT_STARTED', {
    reason: `the platform finished fewer than ${WARM_TASKS} tasks in ${WARM_UP_MS / 1000} s.`,
  });
}

async function portsFree(plan: StagePlan, ports: SandboxPorts): Promise<void> {
  const wanted: [what: string, address: string][] = [
    ...Object.entries(ports).map(([name, port]): [string, string] => [
      `the sandbox's ${name}`,
      `127.0.0.1:${port}`,
    ]),
    ...plan.proxies.map((proxy): [string, string] => [`proxy "${proxy.name}"`, proxy.listen]),
    ['the control API', plan.control],
  ];
  for (const [what, address] of wanted) {
    if (!(await isFree(address))) throw new FaultlineError('PORT_IN_USE', { address, what });
  }
}

function isFree(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: hostname, port: Number(port) }, () => server.close(() => resolve(true)));
  });
}

/** Folder for the sandbox's logs, which is made. */
export function logFolder(cwd: string): string {
  const folder = join(cwd, '.faultline', 'sandbox');
  mkdirSync(folder, { recursive: true });
  return folder;
}
