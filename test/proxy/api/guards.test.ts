import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { call } from './call.ts';

let server: ProxyServer;
beforeAll(async () => {
  server = await startProxyServer({
    control: '127.0.0.1:0',
    proxies: [],
    allowedHosts: ['Chaos.Example'],
  });
});
afterAll(() => server.close());

describe('a Host header', () => {
  const port = 8474;
  test.each([
    '127.0.0.1',
    `127.0.0.1:${port}`,
    '10.1.2.3',
    `[::1]:${port}`,
    '[::1]',
    'localhost',
    `LOCALHOST:${port}`,
    'faultline',
    `faultline:${port}`,
    'chaos.example',
    `chaos.example:${port}`,
  ])('%s is answered', async (host) => {
    for (const path of ['/version', '/healthz', '/faults']) {
      expect((await call(server.control, 'GET', path, { headers: { host } })).status).toBe(200);
    }
  });

  test.each([
    'evil.example',
    `evil.example:${port}`,
    'localhost.',
    '127.0.0.1.evil.example',
    'chaos.example.',
    '[::1',
  ])('%s, which a stranger may resolve as he likes, is refused on every route', async (host) => {
    for (const path of ['/version', '/proxies', '/healthz', '/metrics', '/nothing']) {
      const answer = await call(server.control, 'GET', path, { headers: { host } });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain(host);
    }
  });

  test('is refused before anything is done', async () => {
    const headers = { host: 'evil.example' };
    await call(server.control, 'POST', '/halt', { body: { reason: 'rebound' }, headers });
    expect(server.plane.state().halted).toBeUndefined();
  });
});

describe('an Origin header on our own routes', () => {
  test.each(['http://evil.example', 'http://localhost:3000', 'null', 'https://chaos.example.evil'])(
    'of a foreign page, %s, is refused',
    async (origin) => {
      const answer = await call(server.control, 'POST', '/halt', { headers: { origin } });
      expect(answer.status).toBe(403);
      expect(answer.json).toEqual({
        error: { code: 'ORIGIN_REFUSED', message: expect.stringContaining(origin) },
        status: 403,
      });
      expect(server.plane.state().halted).toBeUndefined();
    },
  );

  test('is answered when the page came from here or from a listed host', async () => {
    for (const origin of [`http://${server.control}`, 'https://chaos.example']) {
      expect((await call(server.control, 'GET', '/faults', { headers: { origin } })).status).toBe(200);
    }
  });
});
