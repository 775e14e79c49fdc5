import type { Server } from './servers.ts';
import { Stage } from './stage.ts';
import type { Verdict } from './verdict.ts';

export type Facts = Readonly<Record<string, unknown>>;

/** What a server does to traffic. */
export interface Behaviour {
  readonly title: string;
  observe(stage: Stage): Promise<Facts>;
  /** What Toxiproxy does. */
  readonly expect: Facts;
  /** Number of the decision record that says why Faultline does otherwise; it must do otherwise then. */
  readonly differs?: string;
}

/** Observes both servers, which run beside each other. */
export async function compareBehaviour(
  { title, observe, expect, differs }: Behaviour,
  theirs: Server,
  ours: Server,
): Promise<Verdict> {
  const name = title.replace(/\W+/g, '-');
  const [first, second] = await Promise.all(
    [theirs, ours].map(async (server) => {
      const stage = new Stage(server, name);
      try {
        return JSON.stringify(await observe(stage));
      } catch (error) {
        return `failed: ${(error as Error).message}`;
      } finally {
        await stage.close();
      }
    }),
  );
  const expected = JSON.stringify(expect);
  return {
    title: first === expected ? title : `${title} (Toxiproxy does otherwise than is said here: ${expected})`,
    differs: first !== second || first !== expected,
    ...(differs === undefined || first !== expected ? {} : { record: differs }),
    theirs: first!,
    ours: second!,
  };
}

/** `about 300 ms` where a time is that, with room for a busy machine; else the time itself. */
export function about(expected: number, actual: number | string): string {
  if (typeof actual === 'string') return actual;
  const fits = actual >= expected * 0.9 - 5 && actual <= expected * 1.3 + 250;
  return fits ? `about ${expected} ms` : `${Math.round(actual)} ms`;
}
