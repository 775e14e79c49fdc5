import { once } from 'node:events';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProxyConfig } from '../proxy/config.ts';
import { type BuildFlags, resilienceOf } from './demo/build.ts';
import { logFolder, type Stage, type StagePlan, setStage } from './demo/stage.ts';
import { exitBySignal, onInterrupt } from './interrupt.ts';

const PROXIES = fileURLToPath(new URL('../../faultline.yaml', import.meta.url));

/** `faultline sandbox`: the demo's system behind its proxies, until a signal ends it. It then leaves only its logs. */
export async function sandbox(flags: BuildFlags): Promise<number> {
  const resilience = resilienceOf(flags);
  const plan = readProxyConfig(PROXIES);
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  let stage: Stage | undefined;
  try {
    const folder = logFolder(process.cwd());
    const say = (text: string) => process.stderr.write(`${text}\n`);
    stage = await setStage({ plan, folder, resilience, signal, say });
    await storeKey(stage.platformUrl, signal);
    process.stdout.write(`${told(stage, plan, resilience, relative(process.cwd(), folder))}\n`);
    await aborted(signal);
    return 0;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return exitBySignal(signal);
    throw error;
  } finally {
    await stage?.stop();
    interrupt.end();
  }
}

/** A customer's own key, so that an audit finds what it asks after. */
async function storeKey(platformUrl: string, signal: AbortSignal): Promise<void> {
  await fetch(`${platformUrl}/workspaces/1/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': 'user-1' },
    body: JSON.stringify({ provider: 'openai', key: 'sk-of-a-customer-not-a-real-key' }),
    signal,
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  // Neither the services nor handlers of signals keep this process alive.
  const alive = setInterval(() => {}, 60_000);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(alive);
}

function told(stage: Stage, { control, proxies }: StagePlan, resilience: string, logs: string): string {
  const row = (name: string, text: string) => `  ${name.padEnd(10)}${text}`;
  return [
    '',
    row('platform', `${stage.platformUrl}   patterns: ${resilience}`),
    ...proxies.map(({ name, listen, upstream }) => row(name, `${listen} in front of ${upstream}`)),
    row('control', `http://${control}`),
    row('logs', logs),
    '',
    'In another terminal, in this folder:',
    '',
    `  export DATABASE_URL='${stage.databaseUrl}' REDIS_URL='${stage.redisUrl}'`,
    `  faultline load peak-hours --target ${stage.platformUrl} --time-scale 20`,
    '  faultline run experiments/rate-limit-storm.yaml --limits experiments/limits/sandbox.yaml',
    '  faultline audit experiments/suites/sandbox-audit.yaml --limits experiments/limits/sandbox.yaml',
    '',
    'The sandbox is up; Ctrl-C ends it.',
  ].join('\n');
}
