import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectDataPlane, identifyDataPlane } from '../../../src/drivers/embedded/index.ts';
import { nativeRoutes } from '../../../src/proxy/api/native/index.ts';
import { toxiproxyRoutes } from '../../../src/proxy/api/toxiproxy/index.ts';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { call } from './call.ts';

const TOKEN = 'a-token-of-a-good-length';
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

let server: ProxyServer;
beforeAll(async () => {
  server = await startProxyServer({ control: '127.0.0.1:0', proxies: [], token: TOKEN });
});
afterAll(() => server.close());
afterEach(() => vi.unstubAllEnvs());

const set = { run: 'r', epoch: 1, lease: '10s', seed: 1, faults: [] };
const own = routesOf(nativeRoutes({} as never)).filter((route) => !open().includes(route));
const toxiproxys = routesOf(toxiproxyRoutes({} as never));

describe('a control port with a token', () => {
  test.each(own)('refuses %s without it, in its own form', async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    for (const options of [{}, bearer('a-token-of-a-goob-length'), { headers: { authorization: TOKEN } }]) {
      const answer = await call(server.control, method, path, options);
      expect(answer).toMatchObject({ status: 401, json: { error: { code: 'CONTROL_TOKEN_REFUSED' } } });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.text).not.toContain(TOKEN);
    }
  });

  test.each(toxiproxys)("refuses %s without it, in Toxiproxy's form", async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    const answer = await call(server.control, method, path);
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.json).toEqual({ error: expect.stringContaining('asks for its token'), status: 401 });
  });

  test('tells a stranger nothing about which routes there are', async () => {
    expect((await call(server.control, 'GET', '/nothing')).status).toBe(401);
    expect((await call(server.control, 'PATCH', '/faults')).status).toBe(401);
  });

  test('answers whoever brings it', async () => {
    expect((await call(server.control, 'GET', '/version', bearer(TOKEN))).status).toBe(200);
    const put = await call(server.control, 'PUT', '/faults', { body: set, ...bearer(TOKEN) });
    expect(put.status).toBe(200);
  });

  test('lets anyone take back and ask whether it lives', async () => {
    for (const route of open()) {
      const [method, path] = route.split(' ') as [string, string];
      expect((await call(server.control, method, path)).status).toBe(200);
    }
  });
});

describe('a driver of a data plane that asks for a token', () => {
  test('sends that of its environment with every call', async () => {
    vi.stubEnv('FAULTLINE_CONTROL_TOKEN', TOKEN);
    const driver = connectDataPlane(server.control);
    try {
      expect(await identifyDataPlane(server.control)).toMatchObject({ kind: 'ours' });
      expect(await driver.manualToxics()).toEqual([]);
      expect(await driver.held()).toBe(0);
      await driver.halt('by hand', 'ada');
      await driver.lift('ada');
    } finally {
      await driver.close();
    }
  });

  test('is told to bring it, and empties all the same', async () => {
    expect(await identifyDataPlane(server.control)).toEqual({
      kind: 'locked',
      instance: server.plane.instance,
    });
    expect(await codeOfState()).toBe('CONTROL_TOKEN_REFUSED');
    vi.stubEnv('FAULTLINE_CONTROL_TOKEN_FILE', '/nowhere/token');
    expect(await codeOfState()).toBe('CONTROL_TOKEN_UNUSABLE');
  });
});

/** The code that asking for the state is refused with, by a driver that has emptied before. */
async function codeOfState(): Promise<string> {
  const driver = connectDataPlane(server.control);
  try {
    expect(await driver.empty()).toMatchObject({ faults: [] });
    return await driver.state().then(
      () => 'not refused',
      ({ code }: { code: string }) => code,
    );
  } finally {
    await driver.close();
  }
}

describe('a control port that is reached from beyond this machine', () => {
  test.each(['0.0.0.0:0', ':0', '[::]:0'])('at %s is not opened without a token', async (control) => {
    await expect(startProxyServer({ control, proxies: [] })).rejects.toMatchObject({
      code: 'CONTROL_OPEN',
      exitCode: 6,
    });
  });

  test.each([
    ['with a token', { token: TOKEN }, 0],
    ['where it was said that it may', { openControl: true }, 1],
  ])('is opened %s', async (_, options, warnings) => {
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const reached = await startProxyServer({ control: '0.0.0.0:0', proxies: [], log, ...options });
    await reached.close();
    expect(lines.filter((line) => line.includes('open to whoever reaches'))).toHaveLength(warnings);
  });
});

function open(): string[] {
  return ['DELETE /faults', 'GET /healthz'];
}

function routesOf(table: Readonly<Record<string, object>>): string[] {
  return Object.entries(table).flatMap(([path, handlers]) =>
    Object.keys(handlers).map((method) => `${method} ${path.replaceAll(/:\w+/g, 'x')}`),
  );
}
