import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { FaultlineError } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { loadChannels } from '../notify/index.ts';
import { listenError } from '../proxy/listen-error.ts';
import { loadSchedules } from '../schedule/load.ts';
import { createApp } from './app.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { checkReach } from './guards/index.ts';
import { experimentsOn } from './runs/experiments.ts';

export interface ServeOptions extends Omit<ControllerOptions, 'channels'> {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  /** File of schedules; by default `schedules.yaml`, where there is one. */
  readonly schedules?: string;
  readonly allowedHosts?: readonly string[];
  /** Addresses or networks of proxies in front of it, whose X-Forwarded-For is believed. */
  readonly behind?: readonly string[];
}

export interface ControlPlane {
  readonly url: string;
  readonly controller: Controller;
  close(): Promise<void>;
}

const SCHEDULES = 'schedules.yaml';

/**
 * Starts the control plane.
 * @throws FaultlineError NO_CREDENTIALS for an address beyond this machine without a token, BAD_VALUE for a proxy that is no address, PORT_IN_USE or CANNOT_LISTEN for an address that is not to be had; FaultlineErrors for a file of schedules or notifications that is wrong
 */
export async function startControlPlane(options: ServeOptions): Promise<ControlPlane> {
  checkReach(options.host, options.cwd);
  checkProxies(options.behind ?? []);
  const schedules = readSchedules(options);
  const channels = loadChannels({ cwd: options.cwd, file: options.notify, environment: process.env });
  const controller = new Controller({ ...options, channels });
  controller.setSchedules(schedules);
  let app: FastifyInstance | undefined;
  try {
    const { version, host, port, allowedHosts = [], behind = [] } = options;
    app = await createApp({ controller, version, host, allowedHosts, behind });
    noteHead(controller, options.log);
    const url = await app.listen({ host, port }).catch((error: unknown) => {
      throw listenError(error, `${host}:${port}`, 'the control plane');
    });
    return {
      url,
      controller,
      async close() {
        await app!.close();
        await controller.close();
        noteHead(controller, options.log);
      },
    };
  } catch (error) {
    await app?.close();
    await controller.close();
    throw error;
  }
}

/** What is printed is kept elsewhere than the log itself: whoever cuts its end off cannot take back that it was there. */
function noteHead({ audit }: Controller, log: (line: string) => void): void {
  try {
    const { n, hash } = audit.head();
    log(`audit log: ${n} entries, the last with hash ${hash}`);
  } catch (error) {
    log(`the audit log cannot be read: ${reasonOf(error)}`);
  }
}

/** @throws FaultlineError BAD_VALUE */
function checkProxies(addresses: readonly string[]): void {
  for (const value of addresses) {
    const [address, bits = '0'] = value.split('/');
    if (isIP(address!) === 0 || !/^\d{1,3}$/.test(bits))
      throw new FaultlineError('BAD_VALUE', {
        value,
        where: '--behind',
        expected: 'write an address or a network, such as 10.0.0.1 or 10.0.0.0/8',
        suggestion: '',
      });
  }
}

function readSchedules({ cwd, schedules, experiments, limits }: ServeOptions) {
  const file = resolve(cwd, schedules ?? SCHEDULES);
  if (schedules === undefined && !existsSync(file)) return [];
  const known = experimentsOn({ folder: resolve(cwd, experiments), limits, cwd });
  return loadSchedules({
    text: readFileSync(file, 'utf8'),
    file: schedules ?? SCHEDULES,
    experiments: known.map(({ name }) => name),
  });
}
