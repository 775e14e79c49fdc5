import http from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '../../core/clock.ts';
import type { HttpForwarder, HttpHost } from '../contract.ts';
import { DigestedRequest } from './digested-request.ts';
import { Exchange, type Incoming } from './exchange.ts';
import { LONGEST_HEAD } from './headers.ts';
import { createProxyServer } from './library.ts';
import { tlsEnding } from './listen-tls.ts';
import { type Target, targetOf } from './target.ts';
import { incomingUpgrade } from './upgrade.ts';

/**
 * The HTTP side of a proxy: an HTTP server without a port of its own, which judges each request by the faults in force and
 * forwards it to the upstream over kept connections.
 * @throws FaultlineError BAD_VALUE for an upstream that cannot be read, FILE_NOT_FOUND for a file of its `tls`
 */
export function createHttpForwarder(host: HttpHost, options: { readonly clock?: Clock } = {}): HttpForwarder {
  const clients = new Map<Duplex, string>();
  let from = host.declaration;
  let target: Target = targetOf(from);
  const secured = from.tls?.listen && tlsEnding(from.tls.listen);
  const proxy = createProxyServer({});
  const around = {
    host,
    proxy,
    clock: options.clock ?? systemClock,
    target() {
      if (host.declaration.upstream !== from.upstream || host.declaration.tls !== from.tls) {
        from = host.declaration;
        target = targetOf(from);
      }
      return target;
    },
  };
  const run = (incoming: Incoming) => {
    void new Exchange(incoming, around).run();
  };
  const serve = (request: DigestedRequest, response: http.ServerResponse) =>
    run({ request, response, client: clients.get(request.socket) ?? '' });

  const server = http.createServer({
    IncomingMessage: DigestedRequest,
    // Time limits are the client's and the upstream's matter: one here would be a fault that nobody asked for.
    requestTimeout: 0,
    headersTimeout: 0,
    keepAliveTimeout: 0,
    maxHeaderSize: LONGEST_HEAD,
    requireHostHeader: false,
  });
  server.on('request', serve);
  server.on('checkContinue', serve);
  server.on('checkExpectation', serve);
  server.on('upgrade', async (request, socket, head) => {
    const incoming = await incomingUpgrade(request, socket, head, clients.get(socket) ?? '');
    if (incoming) run(incoming);
  });

  return {
    accept(end, client) {
      const connection = secured?.(end) ?? end;
      clients.set(connection, client);
      end.once('close', () => clients.delete(connection));
      server.emit('connection', connection);
    },
    async close() {
      for (const end of clients.keys()) end.destroy();
      target.agent.destroy();
    },
  };
}
