import { once } from 'node:events';
import { createServer } from 'node:net';
import { reasonOf } from '../../../core/reason.ts';
import { parseHostPort } from '../../../proxy/host-port.ts';

/** Why an address cannot be listened on at this moment; undefined where it can. */
export async function whyTaken(address: string, where: string): Promise<string | undefined> {
  try {
    const { host, port } = parseHostPort(address, where);
    const server = createServer();
    server.listen({ host: host === '' ? '::' : host, port });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EADDRINUSE' ? 'another program listens there' : reasonOf(error);
  }
}
