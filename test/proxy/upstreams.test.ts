import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Protocol } from '../../src/core/protocol.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { type Echo, roundTrip, startEcho } from '../support/echo.ts';

let echo: Echo;
let server: ProxyServer;
beforeAll(async () => {
  echo = await startEcho();
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [] });
});
afterAll(async () => {
  await server.close();
  await echo.close();
});

const upstreams = ['nonsense', '127.0.0.1', '127.0.0.1:99999', 'a:b:c', ' ', 'http://127.0.0.1:9'];
const protocols: readonly Protocol[] = ['tcp', 'postgres', 'redis'];

describe('an upstream that is no address', () => {
  test.each(protocols.flatMap((protocol) => upstreams.map((upstream) => [protocol, upstream] as const)))(
    'closes each client of a %s proxy by FIN, and touches nothing else: "%s"',
    async (protocol, upstream) => {
      const add = (name: string, to: string) =>
        server.plane.addProxy({ name, protocol, listen: '127.0.0.1:0', upstream: to }, true);
      const bad = await add('bad', upstream);
      const good = await server.plane.addProxy(
        { name: 'good', protocol: 'tcp', listen: '127.0.0.1:0', upstream: echo.address },
        true,
      );
      expect(await roundTrip(bad.declaration.listen, 'PING\r\n')).toMatchObject({
        received: '',
        ended: 'FIN',
      });
      expect(await roundTrip(good.declaration.listen, 'x')).toMatchObject({ received: 'x' });
      expect(server.plane.state().halted).toBeUndefined();
      await server.plane.removeProxy('bad');
      await server.plane.removeProxy('good');
    },
  );
});
