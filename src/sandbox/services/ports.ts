import { once } from 'node:events';
import { createServer } from 'node:net';
import { SandboxError } from './error.ts';

/** A port of 127.0.0.1 on which nobody listens at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Throws a sentence that names the port when somebody listens on it already. */
async function requireFree(port: number, name: string): Promise<void> {
  const server = createServer();
  const outcome = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  if (outcome) {
    const reason = outcome.code === 'EADDRINUSE' ? 'is in use' : `cannot be taken (${outcome.code})`;
    throw new SandboxError(
      `Port ${port}, wanted for ${name}, ${reason}. End what listens there, or choose another port.`,
    );
  }
  server.close();
  await once(server, 'close');
}

/** Runs `start` on the given port, or on a free one; a free one that somebody takes first is replaced, twice. */
export async function onPort<T>(
  wanted: number | undefined,
  name: string,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (wanted !== undefined) {
    await requireFree(wanted, name);
    return start(wanted);
  }
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return await start(port);
    } catch (error) {
      const taken = error instanceof SandboxError && /address already in use/i.test(error.message);
      if (!taken || attempt === 3) throw error;
    }
  }
}
