import { afterEach, describe, expect, it } from 'vitest';
import { httpError } from '../../../src/faults/http_error.ts';
import { until } from '../../support/until.ts';
import { type Front, inForce, startFront } from './front.ts';
import { dial, type RawUpstream, startRawUpstream, type Wire } from './wire.ts';

const UPGRADE =
  'GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a2V5\r\n\r\n';
const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: abc\r\n\r\n';

describe('Switching protocols', () => {
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

  it('passes the request, the 101 and bytes both ways, those right behind the heads included', async () => {
    const { upstream, front, client } = await stage();
    client.send(`${UPGRADE}early`);
    const connection = await upstream.request();
    expect(connection.text).toMatch(/^GET \/socket HTTP\/1.1\r\n/);
    expect(connection.text).toContain('Connection: Upgrade\r\nUpgrade: websocket\r\n');
    expect(connection.text).toContain('Sec-WebSocket-Key: a2V5\r\n');
    connection.send(`${SWITCHING}hello`);
    await client.sees(`${SWITCHING}hello`);
    await connection.sees('early');
    client.send('\x81\xff ping');
    await connection.sees('\x81\xff ping');
    connection.send('\x00\xfe pong');
    await client.sees('\x00\xfe pong');
    client.socket.end();
    await connection.end();
    await until('the unit is over', () => front.metered.answers.length === 1);
    expect(front.metered.answers).toMatchObject([{ status: '101', injected: false }]);
  });

  it.each([
    ['ends', 'fin'],
    ['breaks', 'rst'],
  ] as const)('closes the client when the upstream %s', async (_, how) => {
    const { upstream, client } = await stage();
    client.send(UPGRADE);
    const connection = await upstream.request();
    connection.send(SWITCHING);
    await client.sees('101');
    if (how === 'fin') connection.socket.end();
    else connection.socket.resetAndDestroy();
    expect(await client.end()).toBe(how);
  });

  it('passes a refusal with its body', async () => {
    const { upstream, client } = await stage();
    client.send(UPGRADE);
    const connection = await upstream.request();
    connection.send('HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n');
    expect(await client.end()).toBe('fin');
    expect(client.text).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n[\s\S]*3\r\nno!\r\n0\r\n\r\n$/);
  });

  it('answers 502 when the upstream dies before it switches', async () => {
    const { upstream, client } = await stage();
    client.send(UPGRADE);
    (await upstream.request()).socket.destroy();
    await client.sees(/502 Bad Gateway[\s\S]*before it answered/);
    await client.end();
  });

  it('cancels the upstream when the client goes away before it switches', async () => {
    const { upstream, client } = await stage();
    client.send(UPGRADE);
    const connection = await upstream.request();
    client.socket.resetAndDestroy();
    await connection.end();
  });

  it('judges the request like any other', async () => {
    const { upstream, front, client } = await stage();
    front.put(inForce(httpError, { status: 503 }));
    client.send(UPGRADE);
    await client.sees('503 Service Unavailable');
    await client.end();
    expect(upstream.connections).toHaveLength(0);
  });

  it('does not offer HTTP/2 on, and keeps the body of a request that does', async () => {
    const { upstream, client } = await stage();
    client.send(
      'POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nContent-Length: 8\r\n\r\nhalf',
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.send('half');
    const connection = await upstream.request();
    await connection.sees('halfhalf');
    expect(connection.text).not.toMatch(/upgrade|http2-settings/i);
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await client.sees(/200 OK[\s\S]*ok$/);
  });
});
