import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { controlToken } from '../core/control-token.ts';
import { FaultlineError, FaultlineErrors } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { tuneCollector } from './collector.ts';
import { ownIdentity } from './owner.ts';
import { type ProxyServer, type ProxyServerOptions, startProxyServer } from './serve.ts';

export interface ProxyProcessOptions extends Omit<ProxyServerOptions, 'log' | 'token'> {
  /** File that receives `{ pid, startTime, bootId, control, instance }` as JSON once the proxies listen. */
  readonly record?: string;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const HALT_SIGNAL = 'SIGUSR2';

/**
 * Is a data plane, with the control token of its environment, until SIGTERM, SIGINT or the end of its owner closes it; SIGUSR2 halts it. Logs JSON lines to stderr, without content.
 * @returns the exit code: 0 when it was closed, that of the error when it could not start
 */
export async function runProxyProcess(options: ProxyProcessOptions): Promise<number> {
  tuneCollector();
  const logger = createLogger();
  let server: ProxyServer;
  try {
    const token = controlToken(process.env, (path) => readFileSync(path, 'utf8'));
    server = await startProxyServer({ ...options, token, log: (line) => logger.info(line) });
  } catch (error) {
    return failToStart(error, logger);
  }
  const { control, plane } = server;
  const proxies = Object.fromEntries(plane.proxies().map((proxy) => [proxy.name, proxy.declaration.listen]));
  logger.info({ control, instance: plane.instance, proxies }, 'the data plane listens');
  if (options.record !== undefined) writeRecord(options.record, server);

  const end = (signal: NodeJS.Signals) => {
    logger.info({ signal }, 'closing');
    void server.close();
  };
  // Behind the proxies stands a living system: a mistake in here must end the injecting, not the forwarding.
  const survive = (error: unknown) => {
    logger.error({ at: placesOf(error) }, 'an unexpected error: halted, forwarding goes on');
    plane.halt('an unexpected error in the data plane; its log says where');
  };
  // Reaches a data plane whose control port is busy or unknown.
  const haltBySignal = (signal: NodeJS.Signals) => plane.halt(`signal ${signal}`);
  process.on(HALT_SIGNAL, haltBySignal);
  // Once each: a second one ends the process at once, should closing hang.
  for (const signal of SIGNALS) process.once(signal, end);
  process.on('uncaughtException', survive);
  process.on('unhandledRejection', survive);
  await server.closed;
  for (const signal of SIGNALS) process.off(signal, end);
  process.off(HALT_SIGNAL, haltBySignal);
  process.off('uncaughtException', survive);
  process.off('unhandledRejection', survive);
  logger.info('closed');
  return 0;
}

function createLogger(): Logger {
  return pino(
    { name: 'faultline-proxy', base: { pid: process.pid } },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Logs why there is no data plane; the error's code lets a parent process read it back. @returns the exit code */
export function failToStart(error: unknown, logger: Logger = createLogger()): number {
  const code = error instanceof FaultlineError ? error.code : undefined;
  logger.fatal({ code }, reasonOf(error));
  return error instanceof FaultlineError || error instanceof FaultlineErrors ? error.exitCode : 6;
}

/** Where an error was thrown; its message is left out, for it may quote content. */
function placesOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
}

/** Written whole or not at all: a reader may look at any moment. */
function writeRecord(file: string, { control, plane }: ProxyServer): void {
  const record = { ...ownIdentity(), control, instance: plane.instance };
  writeFileSync(`${file}.new`, `${JSON.stringify(record)}\n`);
  renameSync(`${file}.new`, file);
}
