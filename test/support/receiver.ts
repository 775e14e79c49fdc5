import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server that keeps what it is sent. */
export class Receiver {
  readonly received: Received[] = [];
  /** Status of the next answers, the last of them for ever; none is an answer that never comes. */
  statuses: (number | undefined)[] = [200];
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      this.received.push({ path: request.url!, headers: request.headers, body });
      const status = this.statuses.length > 1 ? this.statuses.shift() : this.statuses[0];
      if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end('{}');
    });
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Bodies that came to a path, read as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  bodies(path: string): any[] {
    return this.received.filter((one) => one.path === path).map(({ body }) => JSON.parse(body));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
