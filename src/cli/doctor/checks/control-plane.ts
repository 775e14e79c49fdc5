import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Check, type Finding, ok, warning } from '../contract.ts';

const PATIENCE_MS = 3000;

const status = z.object({ controller: z.string(), leads: z.boolean(), degraded: z.array(z.string()) });

export const controlPlane: Check = {
  name: 'control plane',
  async look({ cwd, controlPlane: address, schedules }) {
    const answer = await ask(address);
    if (answer !== undefined) return judgeControlPlane(address, answer);
    if (!existsSync(resolve(cwd, schedules))) return [];
    return [
      warning(
        `none answers at ${address}, so nobody plays ${schedules}`,
        'Start "faultline serve", or give its address as --control-plane.',
      ),
    ];
  },
};

/** Its own word of how it is; null where something else answers, undefined where nobody does. */
async function ask(address: string): Promise<unknown> {
  try {
    const answer = await fetch(`http://${address}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return await answer.json().catch(() => null);
  } catch {
    return undefined;
  }
}

/** What the answer of `GET /healthz` says of a control plane. */
export function judgeControlPlane(address: string, answer: unknown): readonly Finding[] {
  const read = status.safeParse(answer);
  if (!read.success)
    return [
      warning(
        `at ${address} listens something else than a control plane`,
        'Stop it, or start "faultline serve" with another --port.',
      ),
    ];
  const { controller, leads, degraded } = read.data;
  const role = leads ? 'plays the schedules' : 'stands by: another controller plays the schedules';
  if (degraded.length === 0) return [ok(`${controller} at ${address} ${role}`)];
  return degraded.map((what) =>
    warning(`${controller} at ${address} is degraded: ${what}`, 'Mend that; it goes on by itself then.'),
  );
}
