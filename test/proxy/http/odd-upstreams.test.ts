import { afterEach, describe, expect, it } from 'vitest';
import { aiFinish } from '../../../src/faults/ai_finish.ts';
import { rateLimit } from '../../../src/faults/rate_limit.ts';
import { type Front, inForce, startFront } from './front.ts';
import { dial, type RawUpstream, startRawUpstream, type Wire } from './wire.ts';

const ASK = 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n';

describe.each([
  ['no fault', () => []],
  ['faults that look into answers', () => [inForce(aiFinish), inForce(rateLimit, { tokensPerMinute: 100 })]],
])('An odd upstream, under %s', (_, faults) => {
  let upstream: RawUpstream;
  let front: Front;
  let client: Wire;
  afterEach(async () => {
    client.socket.destroy();
    await front.close();
    await upstream.close();
  });

  /** What the client gets where the upstream answers so. */
  async function answer(text: string, then: (connection: Wire) => void = () => {}): Promise<Wire> {
    upstream = await startRawUpstream();
    front = await startFront(upstream.address, { protocol: 'openai', faults: faults() });
    client = await dial(front.port);
    client.send(ASK);
    const connection = await upstream.request();
    connection.send(text);
    then(connection);
    return client;
  }

  it('sends a head of 60 KiB, which passes whole', async () => {
    const long = 'h'.repeat(60 * 1024);
    await (await answer(`HTTP/1.1 200 OK\r\nX-Long: ${long}\r\nContent-Length: 2\r\n\r\nok`)).sees(
      /ok$|0\r\n\r\n$/,
    );
    expect(client.text).toContain(`X-Long: ${long}\r\n`);
  });

  it('sends a head without end: 502 with the reason, and nothing more is read', async () => {
    await (await answer(`HTTP/1.1 200 OK\r\nX-Long: ${'h'.repeat(80 * 1024)}`)).sees('HPE_HEADER_OVERFLOW');
    expect(client.text).toMatch(
      /^HTTP\/1\.1 502 Bad Gateway[\s\S]*the head of the upstream's answer is too long/,
    );
  });

  it.each([
    'garbage\r\n\r\n',
    '\u0016\u0003\u0001\u0000\u0002\u0002\u0028',
    'HTTP/1.1 abc\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'HTTP/1.1 200 OK\r\nbad header\r\n\r\n',
  ])('sends %j: 502, and the connection serves on', async (text) => {
    await (await answer(text)).sees('502 Bad Gateway');
    await client.sees(/HPE_\w+/);
    client.send(ASK);
    (await upstream.request(1)).send('HTTP/1.1 204 No Content\r\n\r\n');
    await client.sees('204 No Content');
  });

  it('closes before it answers: 502 that says so', async () => {
    await (await answer('', ({ socket }) => socket.end())).sees(
      'the upstream closed the connection before it answered',
    );
  });

  it('closes within its head: 502', async () => {
    await (await answer('HTTP/1.1 200 O', ({ socket }) => socket.end())).sees('502 Bad Gateway');
  });

  it('breaks its chunks: what came goes out, and the connection breaks', async () => {
    await answer(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n',
    );
    await client.end();
    expect(client.text).toContain('ok');
    expect(client.text).not.toContain('\r\n0\r\n');
  });

  it('answers twice: the second answer is nobody’s', async () => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n';
    await (await answer(`${ok}ok${ok}no`)).sees(/ok(\r\n0\r\n\r\n)?$/);
    client.send(ASK);
    const next = await Promise.race([upstream.request(1), client.end()]);
    expect(client.text).not.toContain('no');
    if (typeof next === 'object') next.send(`${ok}go`);
    await client.sees('go');
  });
});
