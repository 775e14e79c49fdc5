import { databaseUrl } from '../server/database/url.ts';
import { startControlPlane } from '../server/index.ts';
import { onInterrupt } from './interrupt.ts';

interface ServeOptions {
  readonly host: string;
  readonly port: string;
  readonly experiments: string;
  readonly limits?: string;
  readonly schedules?: string;
  readonly notify?: string;
  readonly allowHost?: readonly string[];
  readonly behind?: readonly string[];
  readonly name?: string;
  readonly version: string;
}

/** `faultline serve`: the control plane, in the foreground. */
export async function serve({ port, allowHost, ...options }: ServeOptions): Promise<number> {
  const interrupt = onInterrupt();
  const plane = await startControlPlane({
    ...options,
    port: Number(port),
    cwd: process.cwd(),
    command: [process.execPath, ...process.execArgv, process.argv[1]!],
    database: databaseUrl(process.env, process.cwd()),
    allowedHosts: allowHost,
    log: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(`control plane at ${plane.url}, its API at ${plane.url}/docs\n`);
  await new Promise<void>((resolve) =>
    interrupt.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  await plane.close();
  interrupt.end();
  return 0;
}
