import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Protocol, ProxyDeclaration } from '../../src/core/protocol.ts';
import { answersAlike, sendCanary, upstreamUnreachable } from '../../src/experiments/canary/index.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

async function listen(server: Server): Promise<string> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers the first bytes of each connection, or closes where it has no answer. */
const answering = (answer: (request: Buffer) => string | undefined) =>
  listen(
    createServer((socket) =>
      socket.once('data', (request) => {
        const text = answer(request);
        if (text === undefined) socket.destroy();
        else socket.write(text);
      }),
    ),
  );
const silent = () => listen(createServer(() => {}));
const closing = () => listen(createServer((socket) => socket.end()));
const status = (code: number) => listen(createHttp((_, response) => response.writeHead(code).end('content')));

const declare = (
  protocol: Protocol,
  through: string,
  direct: string,
  rest: Partial<ProxyDeclaration> = {},
): ProxyDeclaration => ({ name: 'p', protocol, listen: through, upstream: direct, ...rest });

describe('a canary', () => {
  it('on tcp connects, and sees whether the other side stays', async () => {
    const proof = await sendCanary(declare('tcp', await closing(), await silent()));
    expect(proof).toEqual({ proxy: 'p', canary: 'connect', through: 'closed', direct: 'open', same: false });
  });

  it('on tcp tells a server that greets from one that waits', async () => {
    const greeting = await listen(createServer((socket) => socket.write('220 hello\r\n')));
    expect(await sendCanary(declare('tcp', greeting, greeting))).toMatchObject({
      through: 'greeted',
      same: true,
    });
    expect(await sendCanary(declare('tcp', await silent(), greeting))).toMatchObject({ same: false });
  });

  it('on postgres sends an SSLRequest and takes one byte', async () => {
    const seen: string[] = [];
    const server = await answering((request) => {
      seen.push(request.toString('hex'));
      return 'N';
    });
    expect(await sendCanary(declare('postgres', server, server))).toMatchObject({
      canary: 'SSLRequest',
      through: 'N',
      direct: 'N',
      same: true,
    });
    expect(seen).toEqual(['0000000804d2162f', '0000000804d2162f']);
  });

  it('on redis sends PING; a server that wants a password has answered', async () => {
    const pong = await answering(() => '+PONG\r\n');
    const locked = await answering(() => '-NOAUTH Authentication required.\r\n');
    const loading = await answering(() => '-LOADING Redis is loading the dataset in memory\r\n');
    expect(await sendCanary(declare('redis', pong, pong))).toMatchObject({ through: 'PONG', same: true });
    expect(await sendCanary(declare('redis', locked, locked))).toMatchObject({
      direct: 'NOAUTH',
      same: true,
    });
    expect(await sendCanary(declare('redis', loading, pong))).toMatchObject({
      through: 'LOADING',
      same: false,
    });
  });

  it.each(['http', 'openai', 'anthropic', 'gemini'] as const)(
    'on %s gets the root, without a key',
    async (protocol) => {
      const seen: string[] = [];
      const server = await listen(
        createHttp((request, response) => {
          seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'no key'}`);
          response.writeHead(401).end();
        }),
      );
      const proof = await sendCanary(declare(protocol, server, `http://${server}/v1`));
      expect(proof).toMatchObject({ canary: 'GET /', through: '401', direct: '401', same: true });
      expect(seen.sort()).toEqual(['GET / no key', 'GET /v1/ no key']);
    },
  );

  it('on http compares classes of status: a slow system may choose its words', async () => {
    expect(await sendCanary(declare('http', await status(404), await status(401)))).toMatchObject({
      same: true,
    });
    expect(await sendCanary(declare('http', await status(503), await status(200)))).toMatchObject({
      same: false,
    });
  });

  it('gives up in time, and says so by kind', async () => {
    const proof = await sendCanary(declare('redis', await silent(), await silent()), {}, 200);
    expect(proof).toMatchObject({ through: 'ETIMEDOUT', direct: 'ETIMEDOUT' });
    expect(upstreamUnreachable(proof)).toBe(true);
  });

  it('says when nobody listens', async () => {
    const address = await silent();
    servers.pop()!.close();
    const proof = await sendCanary(declare('http', await silent(), address), {}, 200);
    expect(proof).toMatchObject({ direct: 'ECONNREFUSED' });
    expect(upstreamUnreachable(proof)).toBe(true);
  });
});

describe('a proxy in front of a dead upstream', () => {
  it.each<[Protocol, string, boolean]>([
    ['tcp', 'closed', true],
    ['redis', 'ECONNRESET', true],
    ['http', '502', true],
    ['http', '200', false],
    ['postgres', 'N', false],
    ['tcp', 'ECONNREFUSED', false],
    ['http', 'ECONNREFUSED', false],
  ])('on %s answers %s: alike is %s', (protocol, through, alike) => {
    expect(answersAlike(declare(protocol, 'a:1', 'b:1'), through, 'ECONNREFUSED')).toBe(alike);
  });
});

describe('a proxy that ends TLS', () => {
  it('may offer it where its upstream does not', () => {
    const tls = { listen: { cert: 'c', key: 'k' } };
    const postgres = declare('postgres', 'a:1', 'b:1', { tls });
    expect(answersAlike(postgres, 'S', 'N')).toBe(true);
    expect(answersAlike(postgres, 'closed', 'N')).toBe(false);
    expect(answersAlike(declare('postgres', 'a:1', 'b:1'), 'S', 'N')).toBe(false);
  });
});
