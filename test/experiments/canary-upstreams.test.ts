import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { PROTOCOLS, type Protocol } from '../../src/core/protocol.ts';
import { sendCanary } from '../../src/experiments/canary/index.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { freePort } from '../support/free-port.ts';

/** How long a canary waits here: long enough for an answer on a busy machine, short enough for one that never comes. */
const PATIENCE_MS = 1500;
const SLOW_MS = 300;

const servers: net.Server[] = [];
let proxy: ProxyServer | undefined;
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
  for (const server of servers.splice(0)) {
    (server as http.Server).closeAllConnections?.();
    server.close();
  }
});

async function listening(server: net.Server): Promise<string> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server of the protocol that answers a canary after a while. */
function answering(protocol: Protocol): Promise<string> {
  const later = (act: () => void) => void setTimeout(act, SLOW_MS);
  if (!['tcp', 'postgres', 'redis'].includes(protocol))
    return listening(http.createServer((_, response) => later(() => response.end('ok'))));
  const answer = protocol === 'redis' ? '+PONG\r\n' : 'N';
  return listening(
    net.createServer((socket) => {
      socket.on('error', () => {});
      if (protocol !== 'tcp') socket.on('data', () => later(() => socket.write(answer)));
    }),
  );
}

/** A server that takes connections and never says a word. */
function silent(): Promise<string> {
  return listening(net.createServer((socket) => void socket.on('error', () => {}).resume()));
}

async function prove(protocol: Protocol, upstream: string, fault?: string, patienceMs = PATIENCE_MS) {
  proxy = await startProxyServer({
    control: '127.0.0.1:0',
    proxies: [{ name: 'p', protocol, listen: '127.0.0.1:0', upstream }],
  });
  if (fault) {
    const faults = [{ proxy: 'p', type: fault }];
    proxy.plane.putFaults({ run: 'r', epoch: 1, lease: '1m', seed: 1, faults });
  }
  return sendCanary(proxy.plane.proxy('p')!.declaration, {}, patienceMs);
}

describe.each(PROTOCOLS)('without a fault, a canary of %s', (protocol) => {
  test('answers as straight to an upstream that takes its time', async () => {
    const proof = await prove(protocol, await answering(protocol));
    expect(proof).toMatchObject({ same: true, through: proof.direct });
    expect(proof.direct).not.toBe('ETIMEDOUT');
  });

  test('fails as straight to an upstream that is dead', async () => {
    expect(await prove(protocol, `127.0.0.1:${await freePort()}`)).toMatchObject({
      same: true,
      direct: 'ECONNREFUSED',
    });
  });

  test('is as quiet as straight to an upstream that says nothing', async () => {
    const proof = await prove(protocol, await silent(), undefined, 400);
    expect(proof).toMatchObject({ same: true, through: proof.direct });
  });
});

describe('a canary finds a fault that was left', () => {
  test.each(PROTOCOLS)('which refuses connections, on %s', async (protocol) => {
    const proof = await prove(protocol, await answering(protocol), 'refuse');
    expect(proof).toMatchObject({ same: false, through: 'ECONNREFUSED' });
  });

  // On tcp, a connection that is accepted and left alone looks like one that nobody has written to.
  test.each(PROTOCOLS.filter((protocol) => protocol !== 'tcp'))(
    'which lets nothing through, on %s',
    async (protocol) => {
      const proof = await prove(protocol, await answering(protocol), 'blackhole');
      expect(proof).toMatchObject({ same: false, through: 'ETIMEDOUT' });
    },
  );
});
