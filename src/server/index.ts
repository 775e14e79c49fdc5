import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { FaultlineError } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { loadChannels } from '../notify/index.ts';
import { listenError } from '../proxy/listen-error.ts';
import { createApp } from './app.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { checkReach } from './guards/index.ts';

export interface ServeOptions extends Omit<ControllerOptions, 'channels'> {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly allowedHosts?: readonly string[];
  /** Addresses or networks of proxies in front of it, whose X-Forwarded-For is believed. */
  readonly behind?: readonly string[];
}

export interface ControlPlane {
  readonly url: string;
  readonly controller: Controller;
  close(): Promise<void>;
}

/**
 * Starts the control plane.
 * @throws FaultlineError NO_CREDENTIALS for an address beyond this machine without a token, BAD_VALUE for a proxy that is no address, PORT_IN_USE or CANNOT_LISTEN for an address that is not to be had; FaultlineErrors for a file of schedules or notifications that is wrong
 */
export async function startControlPlane(options: ServeOptions): Promise<ControlPlane> {
  checkReach(options.host, options.cwd);
  checkProxies(options.behind ?? []);
  const channels = loadChannels({ cwd: options.cwd, file: options.notify, environment: process.env });
  const controller = new Controller({ ...options, channels });
  await controller.schedules.watch();
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
