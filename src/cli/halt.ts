import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FaultlineError } from '../core/errors.ts';
import { connectDataPlane } from '../drivers/embedded/index.ts';
import { findProxyConfig, readProxyConfig } from '../proxy/config.ts';
import { DEFAULT_CONTROL } from '../proxy/config-schema.ts';
import { loadLimits } from '../safety/limits/index.ts';

interface HaltOptions {
  readonly reason: string;
  readonly lift?: boolean;
  readonly control?: string;
}

/**
 * `faultline halt`: halts the data plane where one answers, and puts the stop file there, so that it also holds for runs
 * that are about to start. `--lift` takes both away again.
 */
export async function halt(options: HaltOptions): Promise<number> {
  const stopFile = resolve(loadLimits({ cwd: process.cwd() }).stopFile);
  // The file first: it works with no data plane there, and while one does not answer.
  if (options.lift) rmSync(stopFile, { force: true });
  else {
    mkdirSync(dirname(stopFile), { recursive: true });
    writeFileSync(stopFile, `${new Date().toISOString()} ${options.reason}\n`);
  }
  process.stdout.write(`stop file ${stopFile} ${options.lift ? 'removed' : 'written'}\n`);

  const control = options.control ?? controlHere();
  const driver = connectDataPlane(control);
  try {
    await (options.lift ? driver.lift() : driver.halt(options.reason));
    process.stdout.write(
      `data plane at ${control} ${options.lift ? 'takes faults again' : 'halted: no fault is in force'}\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof FaultlineError) || error.code !== 'DATA_PLANE_GONE') throw error;
    process.stdout.write(`no data plane answers at ${control}\n`);
    return options.control ? error.exitCode : 0;
  } finally {
    await driver.close();
  }
}

function controlHere(): string {
  const file = findProxyConfig(process.cwd());
  return file ? readProxyConfig(file).control : DEFAULT_CONTROL;
}
