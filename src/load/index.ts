import { Worker } from 'node:worker_threads';
import { FaultlineError } from '../core/errors.ts';
import type { LoadSummary } from '../core/journal.ts';
import type { LoadSpec } from '../core/plan.ts';
import { expandVariables } from '../core/secrets.ts';

export interface LoadRun {
  /** Ends the load at once and says what it saw. Calling it again gives the same. */
  stop(): Promise<LoadSummary>;
}

export interface LoadContext {
  readonly environment: NodeJS.ProcessEnv;
  /** Names that `${NAME}` in the target and in headers may stand for. */
  readonly allowed: readonly string[];
}

/** Longer than any worker needs to answer; one that does not is ended without its figures. */
const PATIENCE_MS = 5000;

/**
 * Sends requests at `rate` a second over all connections until it is stopped, whatever the target does. A connection waits
 * for its answer before it sends again: a target that stalls gets fewer requests, `connections` at once at most.
 *
 * It runs in a thread of its own: on the controller's event loop it would delay the probes' answers, and so show up in their
 * latencies. A thread, not a process, since it must not outlive a controller that is killed.
 * @throws FaultlineError BAD_VALUE for a variable that is not listed or not set
 */
export function startLoad(
  spec: LoadSpec,
  context: LoadContext = { environment: process.env, allowed: [] },
): LoadRun {
  const worker = startWorker(expanded(spec, context));
  const failed = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the load ended by itself')));
  });
  failed.catch(() => {});
  let stopped: Promise<LoadSummary> | undefined;
  return {
    stop() {
      stopped ??= finish(worker, failed);
      return stopped;
    },
  };
}

async function finish(worker: Worker, failed: Promise<never>): Promise<LoadSummary> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the load did not say what it saw')), PATIENCE_MS);
  });
  const answer = new Promise<LoadSummary>((resolve) => worker.once('message', resolve));
  worker.postMessage('stop');
  try {
    return await Promise.race([answer, failed, late]);
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function startWorker(spec: LoadSpec): Worker {
  const options = { workerData: spec, execArgv: [], name: 'load' };
  if (import.meta.url.endsWith('.js')) return new Worker(new URL('./worker.js', import.meta.url), options);
  // A thread does not inherit the loader for TypeScript source: it has to register its own first.
  const [loader, source] = [import.meta.resolve('tsx/esm/api'), new URL('./worker.ts', import.meta.url).href];
  const begin = `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(source)}); })`;
  return new Worker(begin, { ...options, eval: true });
}

function expanded(spec: LoadSpec, context: LoadContext): LoadSpec {
  const expand = (text: string, where: string): string => {
    const result = expandVariables(text, context.environment, context.allowed);
    if ('text' in result) return result.text;
    const expected =
      result.why === 'not-set'
        ? `variable ${result.refused} is not set`
        : `variable ${result.refused} is not listed under "env" in safety-limits.yaml`;
    throw new FaultlineError('BAD_VALUE', { value: text, where, expected });
  };
  return {
    ...spec,
    target: expand(spec.target, 'load.target'),
    requests: spec.requests.map((request) => ({
      ...request,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, text]) => [name, expand(text, `load header "${name}"`)]),
      ),
    })),
  };
}
