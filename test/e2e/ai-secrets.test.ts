import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AI_PROTOCOLS, type Protocol } from '../../src/core/protocol.ts';
import { FAULTS } from '../../src/faults/index.ts';
import { AI_ERROR_KINDS } from '../../src/protocols/http/providers/contract.ts';
import { type ProxyServer, startProxyServer } from '../../src/proxy/serve.ts';
import { call } from '../proxy/api/call.ts';
import { until } from '../support/until.ts';

const PATHS: Readonly<Record<(typeof AI_PROTOCOLS)[number], readonly string[]>> = {
  openai: ['/v1/chat/completions', '/v1/responses', '/openai/deployments/d/chat/completions'],
  anthropic: ['/v1/messages'],
  gemini: [
    '/v1beta/models/m:generateContent',
    '/v1beta/models/m:streamGenerateContent',
    '/v1/projects/p/locations/l/publishers/google/models/m:generateContent',
  ],
};
/** All that a request may hold and nobody else may learn; each is told by the word `marked`. */
const HEADERS = {
  'content-type': 'application/json',
  authorization: 'Bearer sk-marked',
  'x-api-key': 'sk-ant-marked',
  'api-key': 'marked',
  'x-goog-api-key': 'marked',
  cookie: 'session=marked',
  'openai-organization': 'org-marked',
};
const BODY = JSON.stringify({
  model: 'm',
  stream: true,
  messages: [{ role: 'user', content: 'marked prompt' }],
  contents: [{ parts: [{ text: 'marked prompt' }] }],
});

/** Faults whose answers, at a second asking, are all their own. */
const MAKE_ANSWERS = new Set(['ai_empty', 'ai_error', 'http_error', 'rate_limit']);

describe('What a request holds in secret', () => {
  let server: ProxyServer;
  let epoch = 0;
  const logged: string[] = [];
  const warnings: string[] = [];
  const noteWarning = (warning: Error) => void warnings.push(String(warning.stack));
  const upstream = http.createServer((request, response) => {
    request.resume();
    // The provider's own answer may say anything; it reaches the client alone.
    response.setHeader('set-cookie', 'marked=1');
    response.setHeader('content-type', 'text/event-stream');
    response.end('data: {"choices":[],"error":{"message":"marked"}}\n\ndata: marked\n\n');
  });
  const dead = net.createServer((socket) => void socket.destroy());
  const addressOf = (listening: net.Server) => `127.0.0.1:${(listening.address() as AddressInfo).port}`;

  beforeAll(async () => {
    process.on('warning', noteWarning);
    for (const listening of [upstream, dead]) {
      listening.listen(0, '127.0.0.1');
      await once(listening, 'listening');
    }
    const declare = (name: string, protocol: Protocol, address: string) => ({
      name,
      protocol,
      listen: '127.0.0.1:0',
      upstream: address,
    });
    server = await startProxyServer({
      control: '127.0.0.1:0',
      proxies: [
        ...AI_PROTOCOLS.map((protocol) => declare(protocol, protocol, addressOf(upstream))),
        declare('dead', 'openai', addressOf(dead)),
      ],
      log: (line) => logged.push(line),
    });
  });
  afterAll(async () => {
    process.off('warning', noteWarning);
    await server.close();
    upstream.closeAllConnections();
    upstream.close();
    dead.close();
  });

  async function ask(proxy: string, path: string): Promise<{ status: number; said: string } | undefined> {
    const { listen } = server.plane.proxy(proxy)!.declaration;
    const response = await fetch(`http://${listen}${path}?key=marked&alt=json`, {
      method: 'POST',
      headers: HEADERS,
      body: BODY,
    }).catch(() => undefined);
    const body = await response?.text().catch(() => '');
    return response && { status: response.status, said: JSON.stringify([[...response.headers], body]) };
  }

  /** All that the data plane tells anybody but the client. */
  async function told(): Promise<string> {
    const routes = ['/faults', '/proxies', '/connections', '/metrics', '/healthz', '/version'];
    const answers = await Promise.all(routes.map((route) => call(server.control, 'GET', route)));
    expect(answers.map(({ status }) => status)).toEqual(routes.map(() => 200));
    return JSON.stringify([answers.map(({ text }) => text), logged, warnings]);
  }

  const ATTRIBUTES: Readonly<Record<string, Record<string, string | number>>> = {
    ai_stream_stall: { stall: 10 },
    http_stall: { afterBytes: 1_000_000 },
    rate_limit: { requestsPerMinute: 1, tokensPerMinute: 10 },
  };
  const CASES = [...FAULTS.values()]
    .filter(({ layer }) => layer === 'http')
    .flatMap(({ type }) =>
      type === 'ai_error'
        ? AI_ERROR_KINDS.map((kind) => [type, { kind }] as const)
        : [[type, ATTRIBUTES[type] ?? {}] as const],
    );

  it.each(CASES)('is told by %s %j to nobody, its own answer included', async (type, attributes) => {
    for (const protocol of AI_PROTOCOLS) {
      const fault = { proxy: protocol, type, attributes, match: { headers: { authorization: 'Bearer *' } } };
      const put = await call(server.control, 'PUT', '/faults', {
        body: { run: 'test', epoch: ++epoch, lease: '1m', seed: 1, faults: [fault] },
      });
      expect(put.status).toBe(200);
      for (const path of PATHS[protocol]) {
        // A second time, to be refused by what the first used up.
        await ask(protocol, path);
        const answer = await ask(protocol, path);
        if (MAKE_ANSWERS.has(type)) expect(answer?.said).not.toContain('marked');
      }
      expect(await told()).not.toContain('marked');
    }
    expect(server.plane.state().faults[0]!.matched).toBeGreaterThan(0);
  });

  it('is not in the answer to what no upstream answers', async () => {
    const answer = await ask('dead', PATHS.openai[0]!);
    expect(answer?.status).toBe(502);
    expect(answer?.said).not.toContain('marked');
    expect(await told()).not.toContain('marked');
  });

  it('is in no observation', async () => {
    const observed: string[] = [];
    const stop = server.plane.observe((observation) => observed.push(JSON.stringify(observation)));
    for (const protocol of AI_PROTOCOLS) await ask(protocol, PATHS[protocol][0]!);
    await until('all proxies are observed', () => observed.length > 1);
    stop();
    expect(observed.at(-1)).toContain('"units"');
    expect(observed.join()).not.toContain('marked');
  });
});
