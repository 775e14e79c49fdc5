import { setTimeout as sleep } from 'node:timers/promises';
import { SandboxError } from './error.ts';
import type { Supervised } from './supervised.ts';

/** Waits until `answers` is true. Throws with the service's own last words when it ends first or stays silent. */
export async function whenReady(
  name: string,
  service: Supervised,
  answers: () => Promise<boolean>,
  within = 30_000,
): Promise<void> {
  const deadline = performance.now() + within;
  while (true) {
    if (service.hasEnded()) {
      throw new SandboxError(`${name} ended while starting. Its last words: ${service.lastWords()}`);
    }
    if (await answers()) return;
    if (performance.now() > deadline) {
      throw new SandboxError(
        `${name} did not answer within ${within / 1000} s. Its last words: ${service.lastWords()}`,
      );
    }
    await sleep(30);
  }
}
