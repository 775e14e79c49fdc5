import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StartedDataPlane, startDataPlane } from '../../src/drivers/embedded/start.ts';
import { controlHeaders } from '../../src/drivers/embedded/token.ts';
import { FAULTS } from '../../src/faults/index.ts';
import { compiled } from '../build.ts';
import type { Bench, FaultlineSetup, Way } from '../contract.ts';

/** `Faultline`, and `Faultline, NAME` for one that is set up otherwise. */
export const FAULTLINE = 'faultline';

/** Longer than any one workload takes: what is engaged stays so to its end. */
const LEASE = '5m';

interface Running {
  readonly plane: StartedDataPlane;
  stop(): Promise<void>;
}

/** A data plane of its own for each setup, in its own process as users run it. */
export function faultlineWays(defer: Bench['defer']): (setup: FaultlineSetup) => Way {
  const kept = new Map<string, Promise<Running>>();
  let proxies = 0;

  return ({ name, protocol, faults = [] }) => ({
    name,
    async open(upstream, { http = false, fresh = false }) {
      let running: Running;
      if (fresh) running = await start();
      else {
        if (!kept.has(name)) {
          kept.set(name, start());
          defer(async () => (await kept.get(name))?.stop());
        }
        running = await kept.get(name)!;
      }
      const { plane } = running;
      const proxy = `bench-${++proxies}`;
      const { listen } = await ask<{ listen: string }>(plane, 'POST', '/proxies', {
        name: proxy,
        protocol: protocol ?? (http ? 'http' : 'tcp'),
        listen: '127.0.0.1:0',
        upstream: `127.0.0.1:${upstream}`,
      });
      // A catalogue without it is measured without it.
      if (faults.some(({ type }) => !FAULTS.has(type))) return undefined;
      if (faults.length > 0) {
        const { epoch } = await ask<{ epoch: number }>(plane, 'GET', '/faults');
        await ask(plane, 'PUT', '/faults', {
          run: 'bench',
          epoch: epoch + 1,
          lease: LEASE,
          seed: 1,
          faults: faults.map((fault) => ({ ...fault, proxy })),
        });
      }
      return {
        way: name,
        port: Number(listen.slice(listen.lastIndexOf(':') + 1)),
        pid: plane.pid,
        async close() {
          if (fresh) await running.stop();
          else {
            if (faults.length > 0) await ask(plane, 'DELETE', '/faults');
            await ask(plane, 'DELETE', `/proxies/${proxy}`);
          }
        },
      };
    },
  });
}

async function start(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const plane = await startDataPlane({
    control: '127.0.0.1:0',
    proxies: [],
    folder,
    entry: compiled('proxy/main.js'),
    execArgv: [],
  });
  return {
    plane,
    async stop() {
      await plane.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ask<T = unknown>(
  { control }: StartedDataPlane,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await fetch(`http://${control}${path}`, {
    method,
    headers: controlHeaders(),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
