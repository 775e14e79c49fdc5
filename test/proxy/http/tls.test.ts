import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyTls } from '../../../src/core/protocol.ts';
import { startFront } from './front.ts';

const ca = fileURLToPath(new URL('./fixtures/certificate.pem', import.meta.url));
const key = fileURLToPath(new URL('./fixtures/key.pem', import.meta.url));

describe('An upstream behind TLS', () => {
  const server = https.createServer({ cert: readFileSync(ca), key: readFileSync(key) }, (request, response) =>
    response.end(`secure ${request.headers.host}`),
  );
  let port = 0;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  async function get(upstream: string, tls?: ProxyTls): Promise<{ status: number; text: string }> {
    const front = await startFront(upstream, tls ? { tls } : {});
    const response = await fetch(front.url);
    const answer = { status: response.status, text: await response.text() };
    await front.close();
    return answer;
  }

  it('is verified by default, and refused with the reason', async () => {
    const { status, text } = await get(`https://localhost:${port}`);
    expect(status).toBe(502);
    expect(text).toContain("the upstream's certificate does not verify");
  });

  it('is verified by the certificates that the declaration names', async () => {
    expect(await get(`https://localhost:${port}`, { ca })).toEqual({
      status: 200,
      text: `secure localhost:${port}`,
    });
  });

  it('is verified by its name, not only by its issuer', async () => {
    expect((await get(`https://127.0.0.2:${port}`, { ca })).status).toBe(502);
  });

  it('is spoken to without verifying where the declaration says `require`', async () => {
    expect((await get(`127.0.0.1:${port}`, { upstream: 'require' })).status).toBe(200);
  });

  it('is verified at host:port where the declaration says `verify`', async () => {
    expect((await get(`127.0.0.1:${port}`, { upstream: 'verify', ca })).status).toBe(200);
  });

  it('says which file of certificates cannot be read', async () => {
    await expect(get('https://localhost', { ca: '/nowhere/ca.pem' })).rejects.toThrow('/nowhere/ca.pem');
  });

  it.each(['not a url', 'ftp://x', 'host:99999', 'host:80/path'])(
    'refuses the upstream %j',
    async (upstream) => {
      await expect(get(upstream)).rejects.toThrow(upstream);
    },
  );
});
