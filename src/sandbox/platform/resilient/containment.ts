import type { Metrics } from '../metrics.ts';

/** An error that nobody caught is told and counted, and the process goes on. */
export function contain(metrics: Metrics, on: NodeJS.EventEmitter = process): void {
  const errors = metrics.counter('contained_errors_total', 'Errors that nobody caught');
  const take = (error: unknown) => {
    errors.inc();
    console.error('unexpected:', error instanceof Error ? error.message : String(error));
  };
  on.on('uncaughtException', take);
  on.on('unhandledRejection', take);
}
