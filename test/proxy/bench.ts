import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { FaultSpec } from '../../src/core/fault.ts';
import type { ProxyHandle } from '../../src/proxy/contract.ts';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { type Wire, wire } from './http/wire.ts';

/** A data plane with one tcp proxy `p` in front of a server that the test plays (or `serve`), on real sockets. */
export async function bench(serve?: (socket: Socket) => void) {
  const accepted: Wire[] = [];
  const sockets = new Set<Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    if (serve) serve(socket);
    else accepted.push(wire(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plane = createDataPlane({
    createForwarder: () => ({ accept: (end) => end.destroy(), async close() {} }),
  });
  const proxy = await plane.addProxy({ name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream }, true);
  let epoch = 0;
  return {
    plane,
    proxy,
    accepted,
    server,
    upstream,
    /** Connects through the proxy. */
    client(): Wire {
      const socket = dial(proxy);
      sockets.add(socket);
      return wire(socket);
    },
    /** A new set, of which each fault is on `p`. */
    put(...faults: readonly (Omit<FaultSpec, 'proxy'> & { proxy?: string })[]) {
      epoch = plane.state().epoch + 1;
      return plane.putFaults(request(epoch, faults));
    },
    /** The same set with other values. */
    renew(...faults: readonly (Omit<FaultSpec, 'proxy'> & { proxy?: string })[]) {
      return plane.putFaults(request(epoch, faults));
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await plane.close();
      server.close();
    },
  };
}
export type Bench = Awaited<ReturnType<typeof bench>>;

export function request(epoch: number, faults: readonly (Omit<FaultSpec, 'proxy'> & { proxy?: string })[]) {
  return {
    run: 'r',
    epoch,
    lease: '60s',
    seed: 7,
    faults: faults.map((fault) => ({ proxy: 'p', ...fault })),
  };
}

export function dial(proxy: ProxyHandle): Socket {
  const listen = proxy.declaration.listen;
  const colon = listen.lastIndexOf(':');
  return net.connect({
    host: listen.slice(0, colon),
    port: Number(listen.slice(colon + 1)),
    allowHalfOpen: true,
  });
}
