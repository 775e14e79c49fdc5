import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aiFinish } from '../../../src/faults/ai_finish.ts';
import { aiMalformed } from '../../../src/faults/ai_malformed.ts';
import { httpStall } from '../../../src/faults/http_stall.ts';
import { httpTruncate } from '../../../src/faults/http_truncate.ts';
import { dechunk, POST } from '../../faults/http-stage.ts';
import { until } from '../../support/until.ts';
import { type Front, inForce, startFront } from './front.ts';
import { dial, type Wire } from './wire.ts';

const BODY = JSON.stringify({ choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] });

describe('a body that faults read as a whole', () => {
  let answer: http.RequestListener;
  let asked = 0;
  let front: Front;
  let client: Wire;
  const server = http.createServer((request, response) => {
    asked++;
    response.setHeader('content-type', 'application/json');
    answer(request, response);
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    front = await startFront(`127.0.0.1:${(server.address() as AddressInfo).port}`, { protocol: 'openai' });
  });
  afterEach(() => {
    client.socket.destroy();
    front.put();
    asked = 0;
  });
  afterAll(async () => {
    await front.close();
    server.closeAllConnections();
    server.close();
  });
  const post = async () => {
    client = await dial(front.port);
    client.send(POST);
  };

  it('is let go of, as far as it has come, when they are taken back', async () => {
    let rest: () => void = () => {};
    answer = (_, response) => {
      response.write(BODY.slice(0, 20));
      rest = () => response.end(BODY.slice(20));
    };
    front.put(inForce(aiFinish));
    await post();
    await client.sees('200 OK');
    expect(dechunk(client.text)).toBe('');
    front.put();
    await until('it is let go of', () => dechunk(client.text) === BODY.slice(0, 20));
    rest();
    await client.sees('\r\n0\r\n\r\n');
    expect(dechunk(client.text)).toBe(BODY);
  });

  it('goes through all of them in their order', async () => {
    answer = (_, response) => response.end(BODY);
    front.put(inForce(aiFinish, { reason: 'length' }), inForce(httpTruncate, { afterBytes: 70 }));
    await post();
    await client.sees('\r\n0\r\n\r\n');
    expect(dechunk(client.text)).toBe(BODY.replace('"stop"', '"length"').slice(0, 70));
    client.socket.destroy();

    front.put(inForce(aiMalformed), inForce(aiFinish));
    await post();
    await client.sees('\r\n0\r\n\r\n');
    expect(dechunk(client.text)).toBe(BODY.slice(0, Math.ceil(BODY.length / 2)));
  });

  it('is split within what another fault lets pass', async () => {
    answer = (_, response) => response.end(BODY);
    const stall = inForce(httpStall, { afterBytes: 10 });
    const truncate = inForce(httpTruncate, { afterBytes: 30 });
    front.put(stall, truncate);
    await post();
    await until('it is held', () => front.metered.held === 1);
    await until('what comes before is sent', () => dechunk(client.text) === BODY.slice(0, 10));
    front.put(truncate);
    await client.sees('\r\n0\r\n\r\n');
    expect(dechunk(client.text)).toBe(BODY.slice(0, 30));
    expect([stall.counts.injected, truncate.counts.injected]).toEqual([1, 1]);
  });

  it('is sent as far as it came, and then broken, where the upstream breaks off', async () => {
    answer = (_, response) => {
      response.write(BODY.slice(0, 20));
      setImmediate(() => response.destroy());
    };
    front.put(inForce(aiFinish));
    await post();
    await client.end();
    expect(dechunk(client.text)).toBe(BODY.slice(0, 20));
    expect(client.text).not.toContain('\r\n0\r\n\r\n');
    expect(asked).toBe(1);
  });
});
