import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { loadChannels } from '../notify/index.ts';
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
}

export interface ControlPlane {
  readonly url: string;
  readonly controller: Controller;
  close(): Promise<void>;
}

const SCHEDULES = 'schedules.yaml';

/**
 * Starts the control plane.
 * @throws FaultlineError NO_CREDENTIALS for an address beyond this machine without a token; FaultlineErrors for a file of schedules or notifications that is wrong; the system's error for a port that is taken
 */
export async function startControlPlane(options: ServeOptions): Promise<ControlPlane> {
  checkReach(options.host, options.cwd);
  const schedules = readSchedules(options);
  const channels = loadChannels({ cwd: options.cwd, file: options.notify, environment: process.env });
  const controller = new Controller({ ...options, channels });
  controller.setSchedules(schedules);
  let app: FastifyInstance | undefined;
  try {
    app = await createApp({ controller, version: options.version, allowedHosts: options.allowedHosts ?? [] });
    const url = await app.listen({ host: options.host, port: options.port });
    return {
      url,
      controller,
      async close() {
        await app!.close();
        await controller.close();
      },
    };
  } catch (error) {
    await app?.close();
    await controller.close();
    throw error;
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
