import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Protocol, ProxyTls } from '../../../src/core/protocol.ts';
import { sendCanary, untrusted } from '../../../src/experiments/canary/index.ts';
import { freePort } from '../../support/free-port.ts';
import { lacksTool, type Service, startPostgres, startRedis } from '../../support/services.ts';
import { openTlsPort, TLS, turnOnTls } from '../../support/tls/index.ts';
import { startProxy } from './stage.ts';

const LISTEN = { cert: TLS.certificate, key: TLS.key };

describe.skipIf(lacksTool('redis-server', 'valkey-server'))('A canary through TLS', () => {
  const services: Service[] = [];
  const ports = { postgres: 0, redis: 0, redisTls: 0 };
  beforeAll(async () => {
    const postgres = await startPostgres();
    const redis = await startRedis();
    services.push(postgres, redis);
    Object.assign(ports, { postgres: postgres.port, redis: redis.port, redisTls: await freePort() });
    await turnOnTls(postgres.url);
    await openTlsPort(redis.port, ports.redisTls);
  });
  afterAll(() => Promise.all(services.map((service) => service.stop())));

  async function canary(protocol: Protocol, port: keyof typeof ports, tls: ProxyTls) {
    const proxy = await startProxy({ protocol, upstream: `127.0.0.1:${ports[port]}`, tls });
    const announced = { expectCanary: async (_: string, from: number) => proxy.proxy.expectCanary(from) };
    const proof = await sendCanary(proxy.declaration, announced);
    const seen = proxy.seen();
    await proxy.close();
    return { ...proof, counted: seen.connections.new + seen.units + seen.bytes.up };
  }
  const VERIFY = { upstream: 'verify', ca: TLS.ca } as const;

  it.each<[Protocol, keyof typeof ports, ProxyTls, string, string]>([
    ['postgres', 'postgres', { listen: LISTEN }, 'S', 'S'],
    ['postgres', 'postgres', VERIFY, 'N', 'S'],
    ['postgres', 'postgres', { listen: LISTEN, ...VERIFY }, 'S', 'S'],
    ['postgres', 'postgres', { upstream: 'off' }, 'S', 'S'],
    ['redis', 'redis', { listen: LISTEN }, 'PONG', 'PONG'],
    ['redis', 'redisTls', VERIFY, 'PONG', 'PONG'],
    ['redis', 'redisTls', { listen: LISTEN, ...VERIFY }, 'PONG', 'PONG'],
    ['tcp', 'redis', { listen: LISTEN }, 'open', 'open'],
    ['tcp', 'redisTls', VERIFY, 'open', 'open'],
  ])(
    'of %s to %s with %j gets %s, and %s straight, and is not counted',
    async (protocol, port, tls, through, direct) => {
      expect(await canary(protocol, port, tls)).toMatchObject({ through, direct, same: true, counted: 0 });
    },
  );

  it('says that a certificate is not trusted', async () => {
    const proof = await canary('redis', 'redisTls', { upstream: 'verify' });
    expect(untrusted(proof)).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  });
});
