import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectDataPlane, startDataPlane } from '../../src/drivers/embedded/index.ts';
import { compiled } from '../build.ts';
import type { Bench, Figure, Workload } from '../contract.ts';
import { freePort } from '../ports.ts';
import { type Child, startChild } from '../processes/child.ts';
import type { ClientsOrder } from '../processes/clients.ts';
import type { ControllerEnd } from '../processes/controller.ts';
import { quantile } from '../rounds.ts';

const COUNTS = [50, 5000];
const ROUNDS = 5;
const AIM_MS = 250;
const nameOf = (count: number) => `${count} connections`;

export const breach: Workload = {
  name: 'breach',
  title: 'From a breach to traffic without faults',
  how: 'a real run in its own process holds an answer on every connection by `latency`, health leaves its limit, and each client, in a process of their own, notes when its answer came: counted from the decision of the safety monitor',
  aims: COUNTS.flatMap((count) => [
    { figure: 'free', way: nameOf(count), atLeast: 100 },
    { figure: 'p99', way: nameOf(count), atMost: AIM_MS },
  ]),
  async run(bench) {
    const measured = new Map<string, Readonly<Record<string, number>>>();
    for (const count of COUNTS) measured.set(nameOf(count), await measure(bench, count));
    const units = { p50: 'ms', p99: 'ms', max: 'ms', 'set empty': 'ms', free: '%' };
    return Object.entries(units).map(
      ([name, unit]): Figure => ({
        name,
        unit,
        values: new Map([...measured].map(([way, numbers]) => [way, numbers[name]!])),
      }),
    );
  },
};

async function measure(bench: Bench, count: number): Promise<Readonly<Record<string, number>>> {
  const stage = await openStage();
  const times: number[] = [];
  const emptied: number[] = [];
  const rounds = bench.quick ? 2 : ROUNDS;
  try {
    // A first round only warms up.
    for (let round = 0; round <= rounds; round++) {
      const { free, end } = await playRound(stage, count);
      if (Number.isNaN(end.breachAt)) throw new Error(`no breach: ${end.sentence}`);
      if (round === 0) continue;
      times.push(...free);
      emptied.push(end.emptiedMs);
      bench.say(`  ${count}: p99 ${quantile(free, 0.99).toFixed(1)} ms, ${end.sentence}`);
    }
  } finally {
    await stage.close();
  }
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    max: Math.max(...times),
    'set empty': quantile(emptied, 0.5),
    free: (100 * times.length) / (count * rounds),
  };
}

interface Stage {
  readonly folder: string;
  readonly experiment: string;
  readonly proxyPort: number;
  readonly control: string;
  readonly controller: Child;
  readonly clients: Child;
  health: number;
  close(): Promise<void>;
}

async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const server = await startChild('echo-server');
  const controller = await startChild('controller', compiled('.'));
  const clients = await startChild('clients');
  const stage = { health: 200 };
  const system = http.createServer((_, response) => {
    response.statusCode = stage.health;
    response.end();
  });
  system.listen(0, '127.0.0.1');
  await once(system, 'listening');
  const [proxyPort, controlPort] = [await freePort(), await freePort()];
  const control = `127.0.0.1:${controlPort}`;
  const web = {
    name: 'web',
    protocol: 'tcp',
    listen: `127.0.0.1:${proxyPort}`,
    upstream: `127.0.0.1:${server.port}`,
  } as const;
  const plane = await startDataPlane({
    control,
    proxies: [web],
    folder: join(folder, 'plane'),
    entry: compiled('proxy/main.js'),
    execArgv: [],
  });
  const experiment = join(folder, 'experiment.yaml');
  writeFileSync(join(folder, 'faultline.yaml'), `control: ${control}\nproxies: {}\n`);
  writeFileSync(experiment, experimentFile(web, (system.address() as AddressInfo).port));
  return Object.assign(stage, {
    folder,
    experiment,
    proxyPort,
    control,
    controller,
    clients,
    async close() {
      await controller.close();
      await clients.close();
      await plane.stop();
      await server.close();
      system.close();
      system.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

function experimentFile(web: { listen: string; upstream: string }, healthPort: number): string {
  return `name: breach
title: A breach
hypothesis: Clients are free of faults at once.
proxies:
  web: { protocol: tcp, listen: "${web.listen}", upstream: "${web.upstream}" }
steadyState:
  baseline: 2s
  probes:
    - name: health
      http: { url: "http://127.0.0.1:${healthPort}/" }
      every: 50ms
      timeout: 1s
      window: 1s
      expect: { status: 200, errorRate: "< 5%" }
abortWhen:
  - { probe: health, errorRate: "> 20%", for: 100ms }
steps:
  - name: hold
    duration: 60s
    faults: [{ proxy: web, type: latency, attributes: { latency: 10s } }]
recovery: { within: 5s }
`;
}

async function playRound(stage: Stage, count: number) {
  const order = <T>(what: ClientsOrder) => stage.clients.ask<T>(what);
  stage.health = 200;
  await order({ do: 'open', port: stage.proxyPort, count, greeting: 'x', greeted: 'x' });
  const applied = await stage.controller.ask<string>({ run: stage.experiment, cwd: stage.folder });
  if (applied !== 'applied') throw new Error(applied);
  await order({ do: 'send', text: `${'y'.repeat(508)}END!`, answered: 'END!' });
  await allHeld(stage.control, count);
  stage.health = 500;
  const end = await stage.controller.ask<ControllerEnd>('end');
  stage.health = 200;
  const times = await order<readonly number[]>({ do: 'wait', withinMs: 20_000 });
  return { end, free: times.map((time) => time - end.breachAt).filter((ms) => ms >= 0) };
}

async function allHeld(control: string, count: number): Promise<void> {
  const driver = connectDataPlane(control);
  try {
    for (;;) {
      const { faults } = await driver.state();
      if (!faults[0]) throw new Error('the fault was taken back before every connection was held');
      if (faults[0].injected >= count) return;
      await wait(20);
    }
  } finally {
    await driver.close();
  }
}
