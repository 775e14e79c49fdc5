import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Plan } from '../../core/plan.ts';
import { identifyDataPlane, startDataPlane } from '../../drivers/embedded/index.ts';
import { ownIdentity } from '../../drivers/process.ts';
import { parseHostPort } from '../../proxy/host-port.ts';
import type { Controller } from './controller.ts';

/** A data plane that runs already, and a line to its control API that can be cut. */
export interface ControlLine {
  /** What the plan has instead of its own. */
  readonly plan: Pick<Plan, 'control' | 'proxies'>;
  /** Where it is to be reached past the line. */
  readonly dataPlane: NonNullable<Controller['dataPlane']>;
  cut(): void;
  close(): Promise<void>;
}

export async function layControlLine(
  { proxies }: Plan,
  folder: string,
  execArgv: readonly string[],
): Promise<ControlLine> {
  const started = await startDataPlane({
    control: '127.0.0.1:0',
    proxies,
    folder: join(folder, 'data-plane'),
    owner: ownIdentity(),
    execArgv,
  });
  const identity = await identifyDataPlane(started.control);
  const declared = identity.kind === 'ours' ? identity.proxies : [];
  const { host, port } = parseHostPort(started.control, 'the control API');
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(port, host);
    for (const socket of [near, far]) keep(socket);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    plan: { control: `127.0.0.1:${(server.address() as AddressInfo).port}`, proxies: declared },
    dataPlane: {
      control: started.control,
      proxies: Object.fromEntries(declared.map(({ name, listen }) => [name, listen])),
    },
    cut,
    async close() {
      cut();
      await started.stop();
    },
  };
}
