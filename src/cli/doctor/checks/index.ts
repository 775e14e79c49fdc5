import type { Check } from '../contract.ts';
import { clients } from './clients.ts';
import { clock } from './clock.ts';
import { configuration } from './configuration.ts';
import { control } from './control.ts';
import { controlPlane } from './control-plane.ts';
import { database } from './database.ts';
import { disk } from './disk.ts';
import { experiments } from './experiments.ts';
import { exposure } from './exposure.ts';
import { killSwitch } from './kill-switch.ts';
import { listeners } from './listeners.ts';
import { manualToxics } from './manual-toxics.ts';
import { node } from './node.ts';
import { notifications } from './notifications.ts';
import { openFiles } from './open-files.ts';
import { runs } from './runs.ts';
import { safetyLimits } from './safety-limits.ts';
import { schedules } from './schedules.ts';
import { browser, demoTools } from './tools.ts';
import { traces } from './traces.ts';
import { upstreams } from './upstreams.ts';

/** In the order in which they are told: the machine, the files, the addresses, what stands in the way, what is optional. */
export const CHECKS: readonly Check[] = [
  node,
  openFiles,
  disk,
  clock,
  configuration,
  safetyLimits,
  experiments,
  schedules,
  notifications,
  control,
  listeners,
  upstreams,
  clients,
  killSwitch,
  manualToxics,
  runs,
  exposure,
  database,
  controlPlane,
  traces,
  browser,
  demoTools,
];
