import { FaultlineError } from '../../core/errors.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import {
  connectDataPlane,
  identifyDataPlane,
  proxiesDiffer,
  type StartedDataPlane,
  type StartOptions,
  startDataPlane,
} from '../../drivers/embedded/index.ts';
import { isGone } from '../../drivers/process.ts';
import type { HeldPlane } from './plane.ts';

/**
 * Takes the data plane that runs at `control` when it is ours and has the same proxies, and starts one when nobody is
 * there.
 * @throws FaultlineError CONTROL_TOKEN_REFUSED, NOT_A_DATA_PLANE, PROXIES_DIFFER, CANNOT_LISTEN, or what starting one throws
 */
export async function openPlane(options: StartOptions): Promise<HeldPlane> {
  const { control, proxies } = options;
  const identity = await identifyDataPlane(control);
  switch (identity.kind) {
    case 'nobody':
      return hold(options, await startDataPlane(options));
    case 'locked':
      throw new FaultlineError('CONTROL_TOKEN_REFUSED');
    case 'toxiproxy':
      throw new FaultlineError('NOT_A_DATA_PLANE', { control, what: `Toxiproxy ${identity.version}` });
    case 'other':
      throw new FaultlineError('NOT_A_DATA_PLANE', { control, what: identity.what });
    case 'ours': {
      const difference = proxiesDiffer(proxies, identity.proxies);
      if (difference) throw new FaultlineError('PROXIES_DIFFER', { control, difference });
      const [closed] = identity.notListening;
      if (closed !== undefined) {
        throw new FaultlineError('CANNOT_LISTEN', {
          address: identity.proxies.find(({ name }) => name === closed)?.listen,
          what: `proxy "${closed}"`,
          reason: 'the data plane that runs has not got its port',
        });
      }
      return adopt(control, identity.instance, identity.proxies);
    }
  }
}

function adopt(control: string, instance: string, proxies: readonly ProxyDeclaration[]): HeldPlane {
  const driver = connectDataPlane(control);
  return { driver, control, instance, proxies, adopted: true, release: () => driver.close() };
}

async function hold(options: StartOptions, started: StartedDataPlane): Promise<HeldPlane> {
  const { control, instance, pid, startTime } = started;
  const identity = await identifyDataPlane(control);
  if (identity.kind !== 'ours') {
    await started.stop();
    throw new FaultlineError('DATA_PLANE_GONE', { control, reason: 'it ended as soon as it had started' });
  }
  const driver = connectDataPlane(control);
  const { proxies } = identity;
  return {
    driver,
    control,
    instance,
    proxies,
    adopted: false,
    pid,
    startTime,
    stop: () => started.stop(),
    gone: () => isGone(started),
    restart: async () => {
      await driver.close();
      return hold(options, await startDataPlane({ ...options, control, proxies }));
    },
    release: () => driver.close(),
  };
}
