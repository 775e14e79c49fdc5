import { resolve } from 'node:path';
import { type ControlPlane, type ServeOptions, startControlPlane } from '../../src/server/index.ts';
import { TYPESCRIPT } from './processes.ts';

/** Program and first arguments that run this Faultline. */
export const COMMAND: readonly string[] = [
  process.execPath,
  ...TYPESCRIPT,
  resolve(import.meta.dirname, '../../src/cli/main.ts'),
];

/** Starts a control plane of a folder that has experiments in it, on a port of its own. */
export function controlPlane(cwd: string, more: Partial<ServeOptions> = {}): Promise<ControlPlane> {
  return startControlPlane({
    cwd,
    experiments: '.',
    command: COMMAND,
    host: '127.0.0.1',
    port: 0,
    version: '0',
    name: 'tester',
    log: () => {},
    ...more,
  });
}
