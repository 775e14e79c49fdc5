import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark's own that listens on a port. */
export interface Child {
  readonly port: number;
  readonly pid: number;
  /** Sends a message and waits for the answer. */
  ask<T>(message: unknown): Promise<T>;
  close(): Promise<void>;
}

/** Starts `FILE.ts` of this folder. It sends `{ port }` once it listens, and ends when its parent is gone. */
export async function startChild(file: string, ...args: readonly string[]): Promise<Child> {
  const path = fileURLToPath(new URL(`./${file}.ts`, import.meta.url));
  const child: ChildProcess = fork(path, args, { execArgv: process.execArgv });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    pid: child.pid!,
    async ask<T>(message: unknown) {
      child.send(message as never);
      const [answer] = await once(child, 'message');
      return answer as T;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** For the child: tells the parent that it listens. */
export function listening(port: number): void {
  process.send!({ port });
  process.once('disconnect', () => process.exit());
}
