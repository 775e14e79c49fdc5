import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendCanary } from '../../../src/experiments/canary/index.ts';
import { httpError } from '../../../src/faults/http_error.ts';
import { isCanary } from '../../../src/proxy/http/canary.ts';
import { type Front, inForce, startFront } from './front.ts';

describe('a canary through a proxy for HTTP', () => {
  const seen: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request);
    response.end('content');
  });
  let upstream: string;
  let front: Front;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    front = await startFront(upstream);
  });
  afterEach(() => {
    seen.length = 0;
    front.metered.units = 0;
    front.metered.answers.length = 0;
    front.put();
  });
  afterAll(async () => {
    await front.close();
    server.close();
  });

  const canary = () => sendCanary({ name: 'front', protocol: 'http', listen: front.address, upstream });

  it('is not counted, and reaches the upstream without its mark', async () => {
    expect(await canary()).toMatchObject({ through: '200', direct: '200', same: true });
    expect(seen).toHaveLength(2);
    expect(seen.map(({ headers }) => headers['x-faultline-canary'])).toEqual([undefined, undefined]);
    expect(front.metered).toMatchObject({ units: 0, answers: [] });
  });

  it('meets a fault that was left in force, which it is sent to find', async () => {
    front.put(inForce(httpError, { status: 503 }));
    expect(await canary()).toMatchObject({ through: '503', direct: '200', same: false });
    expect(front.metered).toMatchObject({ units: 0, answers: [] });
  });

  it('leaves other requests counted', async () => {
    expect((await fetch(front.url)).status).toBe(200);
    expect(front.metered.units).toBe(1);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.0.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['2001:db8::1', false],
    ['', false],
  ])('is believed of %s: %s', (client, believed) => {
    expect(isCanary({ 'x-faultline-canary': '1' }, client)).toBe(believed);
    expect(isCanary({}, client)).toBe(false);
  });
});
