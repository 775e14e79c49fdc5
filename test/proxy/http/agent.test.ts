import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LendingAgent } from '../../../src/proxy/http/agent.ts';
import { until } from '../../support/until.ts';

const BODY = randomBytes(8 * 2 ** 20);
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let server: http.Server;
let agent: LendingAgent;

beforeEach(async () => {
  server = http.createServer((request, response) => {
    request.resume();
    response.setHeader('x-url', request.url!);
    response.end(request.url === '/large' ? BODY : request.url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  agent = new LendingAgent();
});
afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

async function get(path: string): Promise<http.IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const [response] = await once(http.get({ host: '127.0.0.1', port, path, agent }), 'response');
  return response as http.IncomingMessage;
}

async function all(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('connections that are read into memory used again', () => {
  test('leave alone what was read before, however long it is kept', async () => {
    const [one, other] = [await get('/large'), await get('/large')];
    const bodies = await Promise.all([all(one), all(other)]);
    expect(bodies.map(sha)).toEqual([sha(BODY), sha(BODY)]);
    expect(one.headers['x-url']).toBe('/large');
  });

  test('serve one request after another, of any length', async () => {
    const sockets = new Set<Socket>();
    for (const path of ['/a', '/large', '/b', '/large', '/c']) {
      const response = await get(path);
      sockets.add(response.socket);
      const body = await all(response);
      expect(sha(body)).toBe(sha(path === '/large' ? BODY : Buffer.from(path)));
    }
    expect(sockets.size).toBe(1);
  });

  test('are not read on while nobody reads the answer, and lose nothing of it', async () => {
    const response = await get('/large');
    let before = -1;
    await until('the reading stands still', async () => {
      const same = response.socket.bytesRead === before;
      before = response.socket.bytesRead;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return same;
    });
    expect(before).toBeLessThan(BODY.length);
    expect(sha(await all(response))).toBe(sha(BODY));
  });

  test('break off where the upstream does', async () => {
    const response = await get('/large');
    response.once('data', () => server.closeAllConnections());
    await expect(all(response)).rejects.toThrow(/aborted/);
  });
});
