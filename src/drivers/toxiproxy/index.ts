import type { Clock } from '../../core/clock.ts';
import { createLeasedDriver, type LeasedDriver } from '../leased/index.ts';
import { toxiproxyServer } from './server.ts';
import { toxiproxyTarget } from './target.ts';
import { createWatchdog, type WatchdogOptions } from './watchdog.ts';

export { TOXIPROXY_TYPES, whyUnable } from './faults.ts';
export { toxiproxyServer } from './server.ts';
export { GONE, takeBack } from './take-back.ts';

export interface ToxiproxyOptions extends WatchdogOptions {
  /** Run whose toxics it takes for its own from the start. */
  readonly run?: string;
  readonly clock?: Clock;
}

/** A Toxiproxy server whose API listens on `control` (`host:port`). Nothing is sent before the first call. */
export function connectToxiproxy(options: ToxiproxyOptions): LeasedDriver {
  const { name, control, run, clock } = options;
  const target = toxiproxyTarget({
    name,
    server: toxiproxyServer(control, clock),
    watchdog: createWatchdog(options),
    ...(run === undefined ? {} : { run }),
  });
  return createLeasedDriver(target, { name, ...(clock ? { clock } : {}) });
}
