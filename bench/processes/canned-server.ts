import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { listening } from './child.ts';

/**
 * Answers as much of a protocol as thousands of idle clients need: `http` (a body, or the events of a chat where `/v1/` is
 * asked), `postgres` (any start-up, any simple query), `redis` (any command in one packet).
 */
const BODY = `${'x'.repeat(200)}END!`;
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const AUTHENTICATED = Buffer.concat([Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]), READY]);
const SELECTED = Buffer.concat([Buffer.from([0x43, 0, 0, 0, 13]), Buffer.from('SELECT 0\0'), READY]);

const SERVERS: Readonly<Record<string, () => net.Server>> = {
  http: () => http.createServer({ noDelay: true, keepAliveTimeout: 600_000, headersTimeout: 0 }, answer),
  postgres: () => conversation((chunk) => (chunk[0] === 0 ? AUTHENTICATED : SELECTED)),
  redis: () => conversation(() => Buffer.from('+PONG\r\n')),
};

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  request.resume();
  if (!request.url?.startsWith('/v1/')) {
    response.end(BODY);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const content of ['a', 'b', 'c', 'd', 'e'])
    response.write(
      `data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`,
    );
  response.end('data: [DONE]\n\n');
}

function conversation(reply: (chunk: Buffer) => Buffer): net.Server {
  return net.createServer({ noDelay: true }, (socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => socket.write(reply(chunk)));
  });
}

const server = SERVERS[process.argv[2]!]!();
server.listen(0, '127.0.0.1', 8192, () => listening((server.address() as AddressInfo).port));
