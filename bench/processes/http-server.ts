import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { listening } from './child.ts';

/** Answers `/small`, `/large` and `/events?every=MS`, whose events carry the time they were sent at in nanoseconds. */
const SMALL = 'x'.repeat(200);
const LARGE = Buffer.alloc(2 ** 20, 'x');

const server = http.createServer({ noDelay: true, keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  if (request.url === '/large') {
    response.writeHead(200, { 'content-length': LARGE.length });
    response.end(LARGE);
  } else if (request.url?.startsWith('/events')) {
    const every = Number(new URL(request.url, 'http://localhost').searchParams.get('every'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const timer = setInterval(() => {
      response.write(`data: {"sent":${process.hrtime.bigint()},"text":"a token or two"}\n\n`);
    }, every);
    response.once('close', () => clearInterval(timer));
  } else response.end(SMALL);
});
server.listen(0, '127.0.0.1', 4096, () => listening((server.address() as AddressInfo).port));
