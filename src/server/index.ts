import type { FastifyInstance } from 'fastify';
import { loadChannels } from '../notify/index.ts';
import { createApp } from './app.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { checkReach } from './guards/index.ts';

export interface ServeOptions extends Omit<ControllerOptions, 'channels'> {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly allowedHosts?: readonly string[];
}

export interface ControlPlane {
  readonly url: string;
  readonly controller: Controller;
  close(): Promise<void>;
}

/**
 * Starts the control plane.
 * @throws FaultlineError NO_CREDENTIALS for an address beyond this machine without a token; FaultlineErrors for a file of schedules or notifications that is wrong; the system's error for a port that is taken
 */
export async function startControlPlane(options: ServeOptions): Promise<ControlPlane> {
  checkReach(options.host, options.cwd);
  const channels = loadChannels({ cwd: options.cwd, file: options.notify, environment: process.env });
  const controller = new Controller({ ...options, channels });
  await controller.schedules.watch();
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
