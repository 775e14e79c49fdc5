import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const METRICS = `# HELP http_request_duration_seconds Time to answer.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{route="/orders",status="200",le="+Inf"} 3
http_request_duration_seconds_count{route="/orders",status="200"} 3
`;

/**
 * A small shop with known weaknesses: `/orders/1` is open to anybody, `/invoices/1` to any customer, `/health` says "ok" while
 * `/checkout` fails, and `/export` hands out links with a key in them. The rest of it is as it should be.
 */
export class WeakSystem {
  readonly #server: Server;
  readonly asked: string[] = [];
  url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      const user = request.headers['x-user'];
      const owned = (only: boolean) => (user === undefined ? 401 : only && user !== 'ada' ? 403 : 200);
      const known = user === 'ada' || user === 'eve';
      const routes: Readonly<Record<string, () => void>> = {
        '/orders/1': () => answer(response, 200),
        '/invoices/1': () => answer(response, known ? 200 : 401),
        '/account': () => answer(response, owned(true)),
        '/health': () => answer(response, 200, 'ok'),
        '/ready': () => answer(response, 503),
        '/checkout': () => answer(response, 500),
        '/export': () => answer(response, 200, '<a href="/file?api_key=k-20261121-secret">all</a>\n'),
        '/metrics': () => answer(response, 200, METRICS),
        '/elsewhere': () => answer(response, 302),
      };
      (routes[request.url!] ?? (() => answer(response, 404)))();
    });
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

function answer(response: ServerResponse, status: number, body = ''): void {
  response.writeHead(status, {
    'content-type': 'text/plain',
    'x-content-type-options': 'nosniff',
    location: '/orders/1',
  });
  response.end(body);
}
