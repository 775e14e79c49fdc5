import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProbeSpec } from '../../src/core/plan.ts';
import type { Probe } from '../../src/core/ports.ts';
import { createProbe } from '../../src/probes/index.ts';

const ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function probing(
  url: string,
  rest: Partial<Extract<ProbeSpec, { kind: 'http' }>> = {},
  environment: NodeJS.ProcessEnv = {},
): Probe {
  const spec: ProbeSpec = {
    name: 'read',
    kind: 'http',
    url,
    method: 'GET',
    headers: {},
    everyMs: 250,
    timeoutMs: 5000,
    windowMs: 10_000,
    expect: [],
    ...rest,
  };
  const probe = createProbe(spec, { environment, allowed: ['HOST', 'TOKEN', 'UNSET'] });
  ending.push(() => probe.close());
  return probe;
}

const measure = (probe: Probe) => probe.measure(new AbortController().signal);

describe('an http probe', () => {
  test('gives the status and the time to the end of the body', async () => {
    const url = await serve((_, response) => {
      response.writeHead(503);
      response.write('one');
      setTimeout(() => response.end('two'), 60);
    });
    const sample = await measure(probing(url));
    expect(sample).toMatchObject({ ok: true, status: 503 });
    expect(sample.ms).toBeGreaterThanOrEqual(55);
  });

  test('sends its method, headers and body', async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen.push(request.method, request.url, request.headers['x-team'], Buffer.concat(chunks).toString());
      response.end();
    });
    await measure(probing(`${url}/search?q=1`, { method: 'POST', headers: { 'x-team': 'a' }, body: '{}' }));
    expect(seen).toEqual(['POST', '/search?q=1', 'a', '{}']);
  });

  test('does not follow a redirect', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect(await measure(probing(url))).toMatchObject({ ok: true, status: 302 });
  });

  test('connects anew for each measurement, as a new user does', async () => {
    const ports = new Set<number>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort!);
      response.end('ok');
    });
    const probe = probing(url);
    for (let turn = 0; turn < 3; turn++) expect(await measure(probe)).toMatchObject({ ok: true });
    expect(ports.size).toBe(3);
  });

  test('reads no more than 4 MiB of a body that does not end', async () => {
    const url = await serve((_, response) => {
      const chunk = Buffer.alloc(2 ** 20);
      const more = () => {
        while (response.write(chunk) && !response.destroyed);
      };
      response.on('drain', more).on('error', () => {});
      more();
    });
    expect(await measure(probing(url, { timeoutMs: 20_000 }))).toMatchObject({ ok: true, status: 200 });
  });

  test('fails at its time-out when no answer comes, and lets the connection go', async () => {
    let gone = () => {};
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const url = await serve((request) => request.socket.on('close', gone));
    const sample = await measure(probing(url, { timeoutMs: 150 }));
    expect(sample).toMatchObject({ ok: false, reason: 'no answer within 150 ms' });
    expect(sample.ms).toBeGreaterThanOrEqual(145);
    await left;
  });

  test('fails at its time-out when the body stalls', async () => {
    const url = await serve((_, response) => void response.write('so far'));
    expect(await measure(probing(url, { timeoutMs: 150 }))).toMatchObject({
      ok: false,
      reason: 'no answer within 150 ms',
    });
  });

  test.each([
    ['a port that nobody listens on', 'http://127.0.0.1:1', 'connection refused'],
    ['a host without an address', 'http://nowhere.invalid', /^host name (not found|could not be looked up)$/],
    ['what is no url', 'http//127', 'the url is not valid'],
  ])('says why it failed for %s', async (_, url, reason) => {
    expect(await measure(probing(url))).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });

  test('says that the connection broke when it ends in mid-answer', async () => {
    const server = createTcpServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ending.push(() => server.close());
    const sample = await measure(probing(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    expect(sample).toMatchObject({ ok: false, reason: 'connection closed before the answer was whole' });
  });

  test('measures several at once without waiting', async () => {
    let open = 0;
    let most = 0;
    const url = await serve((_, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.end();
      }, 100);
    });
    const probe = probing(url);
    await Promise.all([1, 2, 3, 4, 5].map(() => measure(probe)));
    expect(most).toBe(5);
  });
});

describe('a variable', () => {
  test('is put in at the moment of use', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    const environment: NodeJS.ProcessEnv = { HOST: new URL(url).host, TOKEN: 'one' };
    const probe = probing('http://${HOST}/', { headers: { authorization: 'Bearer ${TOKEN}' } }, environment);
    await measure(probe);
    environment.TOKEN = 'two';
    await measure(probe);
    expect(seen).toEqual(['Bearer one', 'Bearer two']);
  });

  test.each([
    ['http://${OTHER}/', 'variable OTHER is not listed under "env" in safety-limits.yaml'],
    ['http://${UNSET}/', 'variable UNSET is not set'],
  ])('that may not or cannot be put in is a failed sample: %s', async (url, reason) => {
    const probe = probing(url, {}, { OTHER: 'secret.example' });
    expect(await measure(probe)).toMatchObject({ ok: false, reason });
  });
});
