import { sleep, systemClock } from '../../core/clock.ts';
import type { Plan } from '../../core/plan.ts';
import type { Controller } from './controller.ts';
import { exchange } from './exchange.ts';

const CLIENTS_PER_PROXY = 2;
const PATIENCE_MS = 3000;
const PAUSE_MS = 50;

/** Clients that ask through every proxy, so that faults have something to hold; until it is stopped. */
export function startTraffic(controller: Pick<Controller, 'dataPlane'>, plan: Plan): { stop(): void } {
  const stopped = new AbortController();
  async function ask({ name, protocol }: Plan['proxies'][number]): Promise<void> {
    while (!stopped.signal.aborted) {
      const address = controller.dataPlane?.proxies[name];
      if (address !== undefined) await exchange(protocol, address, PATIENCE_MS);
      await sleep(systemClock, PAUSE_MS, stopped.signal);
    }
  }
  for (const proxy of plan.proxies) {
    for (let client = 0; client < CLIENTS_PER_PROXY; client++) void ask(proxy);
  }
  return { stop: () => stopped.abort() };
}
