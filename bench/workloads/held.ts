import { setTimeout as wait } from 'node:timers/promises';
import type { FaultSetState } from '../../src/core/fault.ts';
import { compiled } from '../build.ts';
import type { Figure, Workload } from '../contract.ts';
import { type Child, startChild } from '../processes/child.ts';
import type { ClientsOrder } from '../processes/clients.ts';
import { HOLDINGS, type Holding } from './held-faults.ts';

const CONNECTIONS = 5000;
/** How long the last connection may take to be let go; what is not free by then was kept. */
const PATIENCE_MS = 20_000;
const CALL_EVERY_MS = 5;

export const held: Workload = {
  name: 'held',
  title: `${CONNECTIONS.toLocaleString('en-US').replace(',', ' ')} held connections let go at once`,
  how: 'one answer (or end) held on each connection, then `DELETE /faults`, with a control call every 5 ms; longest pause of the event loop, slowest control call until all are free, the last connection free, and how many were',
  aims: HOLDINGS.flatMap(({ name }) => [
    { figure: 'free', way: name, atLeast: 100 },
    { figure: 'longest pause', way: name, atMost: 250 },
    { figure: 'slowest call', way: name, atMost: 500 },
  ]),
  async run(bench) {
    const count = bench.quick ? CONNECTIONS / 10 : CONNECTIONS;
    const measured = new Map<string, Readonly<Record<string, number>>>();
    for (const holding of HOLDINGS) {
      const numbers = await letGo(holding, count);
      bench.say(`  ${holding.name}: ${JSON.stringify(numbers)}`);
      measured.set(holding.name, numbers);
    }
    const units = { free: '%', 'longest pause': 'ms', 'slowest call': 'ms', 'last free': 'ms' };
    return Object.entries(units).map(
      ([name, unit]): Figure => ({
        name,
        unit,
        values: new Map([...measured].map(([fault, numbers]) => [fault, numbers[name]!])),
      }),
    );
  },
};

async function letGo(holding: Holding, count: number): Promise<Readonly<Record<string, number>>> {
  const server = await serverFor(holding);
  const plane = await startChild('watched-plane', compiled('proxy/serve.js'));
  const clients = await startChild('clients');
  try {
    const api = controlOf(plane);
    const order = <T>(what: ClientsOrder) => clients.ask<T>(what);
    const { listen } = await api<{ listen: string }>('POST', '/proxies', {
      name: 'held',
      protocol: holding.protocol,
      listen: '127.0.0.1:0',
      upstream: `127.0.0.1:${server.port}`,
    });
    const port = Number(listen.slice(listen.lastIndexOf(':') + 1));
    const { greeting, greeted, text, answered, ends } = holding;
    if (holding.live)
      await order({
        do: 'open',
        port,
        count,
        ...(greeting ? { greeting } : {}),
        ...(greeted ? { greeted } : {}),
      });
    const { type, attributes } = holding;
    const faults = [{ id: 'holding', proxy: 'held', type, attributes }];
    await api('PUT', '/faults', { run: 'bench', epoch: 1, lease: '5m', seed: 1, faults });
    if (!holding.live) await order({ do: 'open', port, count });
    await order({ do: 'send', text, ...(answered ? { answered } : {}), ...(ends ? { ends } : {}) });
    await allHeld(api, count);
    // Collecting what building all this left over is not letting go.
    await wait(500);

    await plane.ask('watch');
    const calling = new AbortController();
    const slowest = callAgainAndAgain(api, calling.signal);
    await wait(100);
    const began = Number(process.hrtime.bigint()) / 1e6;
    await api('DELETE', '/faults');
    const times = await order<readonly number[]>({ do: 'wait', withinMs: PATIENCE_MS });
    calling.abort();
    const after = times.map((time) => time - began).filter((ms) => ms >= 0);
    return {
      free: (100 * after.length) / count,
      'longest pause': await plane.ask<number>('pause'),
      'slowest call': await slowest,
      'last free': after.reduce((latest, ms) => Math.max(latest, ms), 0),
    };
  } finally {
    await clients.close();
    await plane.close();
    await server.close();
  }
}

function serverFor({ protocol }: Holding): Promise<Child> {
  if (protocol === 'tcp') return startChild('echo-server');
  return startChild('canned-server', protocol === 'openai' ? 'http' : protocol);
}

type Api = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;

function controlOf({ port }: Child): Api {
  return async <T>(method: string, path: string, body?: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  };
}

async function allHeld(api: Api, count: number): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    const { faults } = await api<FaultSetState>('GET', '/faults');
    if (faults[0]!.injected >= count) return;
    if (performance.now() > until) throw new Error(`only ${faults[0]!.injected} of ${count} were held`);
    await wait(50);
  }
}

/** The longest that a call to the control API took, ms. */
async function callAgainAndAgain(api: Api, signal: AbortSignal): Promise<number> {
  let slowest = 0;
  while (!signal.aborted) {
    const began = performance.now();
    await api('GET', '/faults');
    slowest = Math.max(slowest, performance.now() - began);
    await wait(CALL_EVERY_MS);
  }
  return slowest;
}
