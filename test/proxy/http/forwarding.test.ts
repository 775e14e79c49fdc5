import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type Front, startFront } from './front.ts';
import { dial, type RawUpstream, startRawUpstream, type Wire } from './wire.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('What http-proxy alone does wrong', () => {
  const closing: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const one of closing.splice(0).reverse()) await one.close();
  });

  async function stage(): Promise<{ upstream: RawUpstream; front: Front; client: Wire }> {
    const upstream = await startRawUpstream();
    const front = await startFront(upstream.address);
    const client = await dial(front.port);
    closing.push(upstream, front, { close: async () => client.socket.destroy() });
    return { upstream, front, client };
  }

  describe('an upstream that breaks off in mid-body', () => {
    const bodies = {
      'a chunked body': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      'a body by length': 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello',
    };
    for (const [name, answer] of Object.entries(bodies)) {
      it(`by FIN in ${name} is seen as a cut connection`, async () => {
        const { upstream, front, client } = await stage();
        client.send(GET);
        const connection = await upstream.request();
        connection.send(answer);
        await client.sees('hello');
        connection.socket.end();
        await client.end();
        expect(client.text).not.toContain('\r\n0\r\n');
        expect(front.metered.answers).toMatchObject([{ status: 'error', injected: false }]);
      });

      it(`by RST in ${name} is seen as a cut connection`, async () => {
        const { upstream, client } = await stage();
        client.send(GET);
        const connection = await upstream.request();
        connection.send(answer);
        await client.sees('hello');
        connection.socket.resetAndDestroy();
        await client.end();
        expect(client.text).not.toContain('\r\n0\r\n');
      });
    }

    it('is reset for an HTTP/1.0 client, to whom a FIN would look whole', async () => {
      const { upstream, client } = await stage();
      client.send('GET / HTTP/1.0\r\n\r\n');
      const connection = await upstream.request();
      connection.send(bodies['a chunked body']);
      await client.sees('hello');
      connection.socket.end();
      expect(await client.end()).toBe('rst');
    });
  });

  it('answers 502 with a plain reason when the upstream dies before its head', async () => {
    const { upstream, front, client } = await stage();
    client.send(GET);
    (await upstream.request()).socket.end();
    await client.sees(/502 Bad Gateway[\s\S]*closed the connection before it answered/);
    expect(front.metered.answers).toMatchObject([{ status: 'error', injected: false }]);
    expect(client.closed).toBe(false);
  });

  it('answers 502 with a plain reason when the upstream refuses the connection', async () => {
    const upstream = await startRawUpstream();
    await upstream.close();
    const front = await startFront(upstream.address);
    const client = await dial(front.port);
    closing.push(front, { close: async () => client.socket.destroy() });
    client.send(GET);
    await client.sees(/502 Bad Gateway[\s\S]*refused the connection \(ECONNREFUSED\)/);
    expect(client.text).not.toContain(upstream.address);
  });

  it('answers 502 when what the upstream says is not HTTP', async () => {
    const { upstream, client } = await stage();
    client.send(GET);
    (await upstream.request()).send('SSH-2.0-OpenSSH_9.2\r\n');
    await client.sees(/502 Bad Gateway[\s\S]*not HTTP/);
  });

  it('cancels the upstream at once when the client goes away in mid-stream', async () => {
    const { upstream, front, client } = await stage();
    client.send(GET);
    const connection = await upstream.request();
    connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
    await client.sees('hello');
    client.socket.destroy();
    await connection.end();
    await until('the unit is over', () => front.metered.answers.length === 1);
    expect(front.metered.answers).toMatchObject([{ status: '200', injected: false }]);
  });

  it('cancels the upstream at once when the client goes away before the head', async () => {
    const { upstream, client } = await stage();
    client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}');
    const connection = await upstream.request();
    await connection.sees('{}');
    client.socket.destroy();
    await connection.end();
  });

  it('sends the head on before there is a body', async () => {
    const { upstream, client } = await stage();
    client.send(GET);
    (await upstream.request()).send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
    await client.sees(/text\/event-stream[\s\S]*\r\n\r\n/);
  });

  it('keeps trailers, of the request and of the answer', async () => {
    const { upstream, client } = await stage();
    client.send(
      'POST / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n',
    );
    const connection = await upstream.request();
    await connection.sees(/TE: trailers[\s\S]*2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n$/);
    connection.send(
      'HTTP/1.1 200 OK\r\nTrailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nyo\r\n0\r\nX-End: Yes\r\n\r\n',
    );
    await client.sees(/Trailer: X-End[\s\S]*2\r\nyo\r\n0\r\nX-End: Yes\r\n\r\n$/);
  });

  it('keeps 103 early hints', async () => {
    const { upstream, client } = await stage();
    client.send(GET);
    const connection = await upstream.request();
    connection.send('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n');
    await client.sees('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n');
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await client.sees(/103 Early Hints[\s\S]*HTTP\/1.1 200 OK[\s\S]*ok$/);
  });

  it('answers an HTTP/1.0 client whose upstream promises trailers', async () => {
    const { upstream, client } = await stage();
    client.send('GET / HTTP/1.0\r\n\r\n');
    (await upstream.request()).send(
      'HTTP/1.1 200 OK\r\nTrailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-End: 1\r\n\r\n',
    );
    expect(await client.end()).toBe('fin');
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nok$/);
    expect(client.text).not.toMatch(/Trailer|Transfer-Encoding/i);
  });

  it('strips what belongs to one connection, and the password of the proxy', async () => {
    const { upstream, client } = await stage();
    client.send(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic c2VjcmV0\r\nTE: gzip\r\nX-End: 1\r\n\r\n',
    );
    const connection = await upstream.request();
    expect(connection.text).toContain('X-End: 1\r\n');
    expect(connection.text).not.toMatch(/X-Hop|Keep-Alive: timeout|Proxy-|c2VjcmV0|gzip/);
    connection.send(
      'HTTP/1.1 200 OK\r\nConnection: X-Back\r\nX-Back: 1\r\nKeep-Alive: timeout=77\r\nX-Kept: 1\r\nContent-Length: 0\r\n\r\n',
    );
    await client.sees('X-Kept: 1');
    expect(client.text).not.toMatch(/X-Back|timeout=77/);
  });

  it.each([
    '/a/../b//c/./d',
    '/x?q="a b"&//\\x|y'.replace(' ', '%20'),
    '/%7Euser/%2e%2e/?a=1?b=2#c',
    '/http://x/y',
    '/a;b|c"<>^`{}',
  ])('keeps the path %s as sent', async (path) => {
    const { upstream, client } = await stage();
    client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const connection = await upstream.request();
    expect(connection.text.split('\r\n')[0]).toBe(`GET ${path} HTTP/1.1`);
  });

  it('keeps the chunked body of a DELETE', async () => {
    const { upstream, client } = await stage();
    client.send('DELETE /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n');
    const connection = await upstream.request();
    await connection.sees(/Transfer-Encoding: chunked[\s\S]*4\r\nbody\r\n0\r\n\r\n$/);
  });

  it('keeps the case and the repetition of headers both ways', async () => {
    const { upstream, client } = await stage();
    client.send('GET / HTTP/1.1\r\nhOsT: x\r\nX-CaSe: a\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n');
    const connection = await upstream.request();
    expect(connection.text).toContain('X-CaSe: a\r\nX-Two: 1\r\nX-Two: 2\r\n');
    connection.send(
      'HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nX-cAsE: b\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
    );
    await client.sees(
      'HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nX-cAsE: b\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n',
    );
    expect(client.text).not.toContain('Date:');
  });
});

describe('Forwarding', () => {
  const closing: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const one of closing.splice(0).reverse()) await one.close();
  });

  async function serve(handler: http.RequestListener) {
    const server = http.createServer(handler);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push({
      close: async () => {
        server.closeAllConnections();
        server.close();
      },
    });
    return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  async function front(...args: Parameters<typeof startFront>) {
    const started = await startFront(...args);
    closing.push(started);
    return started;
  }

  it('puts the path of the upstream URL before each path, and names the upstream in Host', async () => {
    const { address } = await serve((request, response) =>
      response.end(`${request.url} ${request.headers.host}`),
    );
    const { url } = await front(`http://${address}/base/`);
    expect(await (await fetch(`${url}/v1/x?y=z`)).text()).toBe(`/base/v1/x?y=z ${address}`);
  });

  it('uses one connection to the upstream for requests one after another', async () => {
    let connections = 0;
    const { server, address } = await serve((_, response) => response.end('ok'));
    server.on('connection', () => connections++);
    const { url, metered } = await front(address);
    for (let request = 0; request < 5; request++) await (await fetch(url)).text();
    expect(connections).toBe(1);
    expect(metered.units).toBe(5);
    expect(metered.answers).toHaveLength(5);
    for (const { firstByteUs } of metered.answers) expect(firstByteUs).toBeGreaterThan(0);
  });

  it('streams a large body both ways without changing it', async () => {
    const { address } = await serve((request, response) => request.pipe(response));
    const { url } = await front(address);
    const body = Buffer.alloc(8 * 1024 * 1024, 'abcdefghij');
    const response = await fetch(url, { method: 'POST', body });
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  it('asks again where a kept connection was closed at the moment of its reuse', async () => {
    const upstream = await startRawUpstream();
    closing.push(upstream);
    const { url } = await front(upstream.address);
    const first = fetch(url);
    (await upstream.request()).send('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none');
    expect(await (await first).text()).toBe('one');
    const second = fetch(url);
    await upstream.connections[0]!.sees(/GET[\s\S]*GET/);
    upstream.connections[0]!.socket.destroy();
    (await upstream.request(1)).send('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo');
    expect(await (await second).text()).toBe('two');
  });

  it('passes 100-continue from the upstream, and the body after it', async () => {
    const upstream = await startRawUpstream();
    closing.push(upstream);
    const { port } = await front(upstream.address);
    const client = await dial(port);
    client.send('PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    const connection = await upstream.request();
    expect(connection.text).toContain('Expect: 100-continue');
    expect(client.text).toBe('');
    connection.send('HTTP/1.1 100 Continue\r\n\r\n');
    await client.sees('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('body');
    await connection.sees('\r\n\r\nbody');
    connection.send('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
    await client.sees('201 Created');
    client.socket.destroy();
  });

  it('passes a refusal in place of 100-continue', async () => {
    const upstream = await startRawUpstream();
    closing.push(upstream);
    const { port } = await front(upstream.address);
    const client = await dial(port);
    client.send('PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    (await upstream.request()).send('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n');
    await client.sees('417 Expectation Failed');
    expect(client.text).not.toContain('100 Continue');
    client.socket.destroy();
  });

  it('answers HEAD, 204 and 304 without a body and keeps the connection', async () => {
    const { address } = await serve((request, response) => {
      response.statusCode = Number(request.url?.slice(1)) || 200;
      response.setHeader('content-length', response.statusCode === 204 ? '' : '5');
      if (response.statusCode === 204) response.removeHeader('content-length');
      response.end(request.method === 'HEAD' || response.statusCode !== 200 ? undefined : 'hello');
    });
    const { port } = await front(address);
    const client = await dial(port);
    client.send('HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /204 HTTP/1.1\r\nHost: x\r\n\r\n');
    client.send('GET /304 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.sees(/200 OK[\s\S]*204 No Content[\s\S]*304 Not Modified[\s\S]*200 OK[\s\S]*hello$/);
    client.socket.destroy();
  });

  it('counts requests that say they are retries', async () => {
    const { address } = await serve((_, response) => response.end());
    const { url, metered } = await front(address);
    for (const count of ['0', '1', '2']) await fetch(url, { headers: { 'x-stainless-retry-count': count } });
    expect(metered).toMatchObject({ units: 3, retries: 2 });
  });
});
