import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS } from '../../../src/faults/index.ts';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { call } from './call.ts';

let server: ProxyServer;
beforeAll(async () => {
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
  await call(server.control, 'POST', '/proxies', {
    body: { name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' },
  });
});
afterAll(() => server.close());

const ROUTES = [
  'GET /proxies',
  'POST /proxies',
  'POST /populate',
  'POST /proxies/p',
  'PATCH /proxies/p',
  'POST /proxies/p/toxics',
  'POST /proxies/p/toxics/t',
  'DELETE /proxies/p/toxics/t',
  'GET /proxies/%zz',
  'DELETE /proxies/none',
  'PUT /faults',
  'DELETE /faults',
  'DELETE /faults?epoch=x',
  'DELETE /connections?proxy=none',
  'POST /halt',
  'DELETE /halt',
];
const KEYS =
  'attributes enabled epoch every expiresIn fault faults first id instance jitter latency lease listen match name protocol proxies proxy rate reason run seed stream tls toxicity type upstream __proto__ constructor'.split(
    ' ',
  );
const { json } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(
      'p',
      't',
      '',
      'tcp',
      'upstream',
      '10s',
      '1e999',
      '\u0000',
      '127.0.0.1:9',
      ...FAULTS.keys(),
    ),
    fc.constantFrom(null, 0, 1, -1, 0.5, 2 ** 53, true, false),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.string(),
  ),
  list: fc.array(tie('json'), { maxLength: 3 }),
  json: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    tie('list'),
    fc.dictionary(fc.constantFrom(...KEYS), tie('json'), { maxKeys: 6 }),
  ),
}));
/** A free port on this machine, whatever is asked for: what listens is not the matter here. */
const withLocalPort = (text: string) => text.replace(/"listen":"[^"]*"/g, '"listen":"127.0.0.1:0"');
const body = fc.oneof(
  json.map((value) => withLocalPort(JSON.stringify(value))),
  fc.string(),
  json.map((value) => JSON.stringify(value).slice(0, -1)),
  fc.constantFrom('[', '{'.repeat(100_000), '['.repeat(100_000), `{"a":${'1'.repeat(10_000)}}`),
);

describe('the control API, given anything', () => {
  test('answers below 500 with a reason, and lives on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ROUTES), body, async (route, text) => {
        const [method, path] = route.split(' ') as [string, string];
        // Node frames no body of these two: what would follow their head is a request of its own.
        const bodiless = method === 'GET' || method === 'DELETE';
        const answer = await call(server.control, method, path, bodiless ? {} : { body: text });
        // A proxy without an address asks for a port, and may be told that there is none for it.
        const port = answer.status === 500 && /listen tcp/.test(answer.text);
        expect(answer.status < 500 || port, `${answer.status} ${answer.text}`).toBe(true);
        if (answer.status >= 400) expect(answer.text).not.toBe('');
        await call(server.control, 'DELETE', '/halt');
      }),
      { numRuns: 400 },
    );
    expect((await call(server.control, 'GET', '/healthz')).status).toBe(200);
    expect((await call(server.control, 'GET', '/proxies/p')).status).toBe(200);
  });

  test.each(['POST /proxies', 'POST /populate', 'PUT /faults', 'POST /halt'])(
    'refuses a body that is too large on %s, and serves the next call',
    async (route) => {
      const [method, path] = route.split(' ') as [string, string];
      const answer = await call(server.control, method, path, { body: `"${'x'.repeat(2 << 20)}"` });
      expect(answer.status).toBe(413);
      expect((await call(server.control, 'GET', '/version')).status).toBe(200);
    },
  );
});
