import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CheckKindName, kindOf } from '../../src/audit/checks/index.ts';
import type { Ask, CheckContext, CheckTold } from '../../src/audit/checks/kind.ts';

interface Page {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

const BASE = 'http://127.0.0.1:1';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-checks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a kind of check tells of a system that answers so. */
function told(kind: CheckKindName, spec: unknown, answer: (ask: Ask) => Page | string): Promise<CheckTold> {
  const context: CheckContext = {
    ask: async (ask) => {
      const page = answer(ask);
      if (typeof page === 'string') return { failed: page };
      return { status: 200, headers: {}, body: '', cut: false, ...page };
    },
    variables: { environment: {}, allowed: [] },
    folder,
    timeoutMs: 1000,
    signal: new AbortController().signal,
    check: { name: 'it' },
  };
  return kindOf(kind).run(kindOf(kind).schema.parse(spec), context);
}

const slugs = ({ flaws }: CheckTold) => flaws.map(({ slug, severity }) => `${severity} ${slug}`);

describe('refuses', () => {
  const routes = { url: BASE, routes: ['GET /a'] };

  test.each([
    [200, { flaws: 1 }],
    [204, { flaws: 1 }],
    [401, { shown: 1 }],
    [403, { shown: 1 }],
    [302, { untold: 1 }],
    [404, { untold: 1 }],
    [500, { untold: 1 }],
  ])('takes %i to somebody without credentials for what it is', async (status, expected) => {
    const { shown, flaws, untold } = await told('refuses', routes, () => ({ status }));
    expect({ shown: shown.length, flaws: flaws.length, untold: untold.length }).toEqual({
      ...{ shown: 0, flaws: 0, untold: 0 },
      ...expected,
    });
  });

  test('takes 404 for a refusal where the route answers its owner', async () => {
    const spec = { ...routes, owner: { headers: { 'x-user': 'ada' } } };
    const { shown, untold } = await told('refuses', spec, ({ headers }) => ({
      status: headers?.['x-user'] === 'ada' ? 200 : 404,
    }));
    expect(shown).toHaveLength(2);
    expect(untold).toEqual([]);
  });

  test('tells nothing of a route that does not answer its owner either', async () => {
    const spec = { ...routes, owner: { headers: { 'x-user': 'ada' } } };
    const { shown, untold } = await told('refuses', spec, () => ({ status: 401 }));
    expect(shown).toEqual([]);
    expect(untold).toEqual(['GET /a as its owner: answered 401, so that a refusal would show nothing']);
  });

  test('finds a system that takes any credential of the right form', async () => {
    const spec = { ...routes, owner: { headers: { authorization: 'Bearer abc-123' } } };
    const asked: (string | undefined)[] = [];
    const { flaws } = await told('refuses', spec, ({ headers }) => {
      asked.push(headers?.authorization);
      return { status: headers?.authorization?.startsWith('Bearer ') ? 200 : 401 };
    });
    expect(flaws[0]!.evidence).toEqual([
      'asked by somebody with a forged credential it answered 200, where 401 or 403 is due',
    ]);
    expect(asked).toEqual(['Bearer abc-123', undefined, 'Bearer xxx-000x0']);
  });
});

describe('headers', () => {
  const good = { 'x-content-type-options': 'nosniff' };
  const html = { ...good, 'content-type': 'text/html; charset=utf-8' };

  test.each<[string, string, Page['headers'], readonly string[]]>([
    ['nothing wrong with a route', BASE, good, []],
    ['types that may be guessed', BASE, {}, ['low nosniff']],
    ['a page that anybody may frame', BASE, html, ['medium framing']],
    ['nothing wrong with a page', BASE, { ...html, 'content-security-policy': "frame-ancestors 'none'" }, []],
    ['HTTPS that does not last', 'https://127.0.0.1', good, ['medium hsts']],
    [
      'any origin with credentials',
      BASE,
      {
        ...good,
        'access-control-allow-origin': 'https://stranger.invalid',
        'access-control-allow-credentials': 'true',
      },
      ['high any-origin'],
    ],
    ['nothing wrong with a public origin', BASE, { ...good, 'access-control-allow-origin': '*' }, []],
    [
      'cookies that scripts can read',
      BASE,
      { ...good, 'set-cookie': ['a=1; HttpOnly', 'b=2'] },
      ['medium cookies'],
    ],
    ['a version given away', BASE, { ...good, server: 'nginx/1.24.0' }, ['low version']],
    ['nothing wrong with a name alone', BASE, { ...good, server: 'nginx' }, []],
  ])('finds %s', async (_, url, headers, expected) => {
    expect(slugs(await told('headers', { url }, () => ({ headers })))).toEqual(expected);
  });

  test('tells nothing of what does not answer', async () => {
    const { untold } = await told('headers', { url: `${BASE}/a?key=1` }, () => 'connection refused');
    expect(untold).toEqual(['/a: connection refused']);
  });
});

describe('metrics', () => {
  const RATE = '# TYPE http_requests_total counter\nhttp_requests_total 3\n';
  const ERRORS = '# TYPE job_failures_total counter\njob_failures_total 0\n';
  const DURATION = '# TYPE wait_seconds histogram\nwait_seconds_count 1\n';

  test.each([
    ['all three signals', RATE + ERRORS + DURATION, []],
    ['errors by a label', `${RATE.replace('total 3', 'total{status="500"} 3')}${DURATION}`, []],
    ['no duration', RATE + ERRORS, ['medium no-duration']],
    ['no errors', RATE + DURATION, ['medium no-errors']],
    [
      'only gauges',
      '# TYPE http_open gauge\nhttp_open 1\n',
      ['medium no-rate', 'medium no-errors', 'medium no-duration'],
    ],
    ['a page of something else', '<html>', ['high no-metrics']],
  ])('sees %s', async (_, body, expected) => {
    expect(slugs(await told('metrics', { url: `${BASE}/metrics` }, () => ({ body })))).toEqual(expected);
  });
});

describe('health', () => {
  const spec = { url: `${BASE}/health`, users: [`${BASE}/page`] };
  const system = (health: number, page: number | string) => (ask: Ask) =>
    ask.url.endsWith('/health') ? { status: health } : typeof page === 'string' ? page : { status: page };

  test.each([
    ['says well while users get errors', 200, 500, ['high silent']],
    ['says well while users get nothing', 200, 'no answer within 1 s', ['high silent']],
    ['says ill while users are served', 503, 200, ['medium false-alarm']],
    ['says ill while users are not served', 503, 500, []],
    ['says well while users are served', 200, 200, []],
  ])('judges one that %s', async (_, health, page, expected) => {
    expect(slugs(await told('health', spec, system(health, page)))).toEqual(expected);
  });

  test('assesses nothing by two that are well, and nothing by two that are ill', async () => {
    expect(await told('health', spec, system(200, 200))).toMatchObject({ weak: true, untold: [] });
    expect((await told('health', spec, system(503, 500))).untold).toHaveLength(1);
  });
});

describe('keys and personal', () => {
  const K = 'a1B2'.repeat(10);

  test.each([
    ['keys', `GET /x?api_key=${K} 200`, ['critical key-in-url']],
    ['keys', 'GET /x?token=*** 200', []],
    ['keys', 'GET /x?page=12345 200', []],
    ['keys', `using sk-ant-${K}`, ['critical key']],
    ['keys', `AKIA${'ABCD'.repeat(4)}`, ['critical key']],
    ['keys', 'key sk-abcd... loaded', ['medium key-start']],
    ['keys', '-----BEGIN RSA PRIVATE KEY-----', ['critical private-key']],
    ['keys', `"authorization":"Bearer ${K}"`, ['critical bearer']],
    ['keys', 'connecting to postgres://app:hunter22@db/app', ['critical password-in-url']],
    ['keys', 'connecting to postgres://***@db/app at 10:20:30', []],
    ['personal', 'mail to ada@example.org sent', ['high mail']],
    ['personal', 'user@host logged in', []],
    ['personal', 'card 4111 1111 1111 1111', ['critical card']],
    ['personal', 'card 378282246310005', ['critical card']],
    ['personal', 'order 4111 1111 1111 1112', []],
    ['personal', 'order 14111111111111111', []],
    ['personal', 'at 1763713800000 ms', []],
    ['personal', 'paid to DE89 3704 0044 0532 0130 00', ['high account']],
    ['personal', 'paid to DE89 3704 0044 0532 0130 01', []],
  ] as const)('%s reads "%s"', async (kind, line, expected) => {
    const found = await told(kind, { pages: [`${BASE}/log`] }, () => ({ body: `first\n${line}\n` }));
    expect(slugs(found)).toEqual(expected.map((slug) => `${slug} /log`));
    for (const { evidence } of found.flaws) expect(evidence).toEqual(['on 1 of 3 lines, such as 2']);
  });

  test('read files from the folder of the suite', async () => {
    writeFileSync(join(folder, 'app.log'), 'fine\n');
    const { shown, untold } = await told('keys', { files: ['app.log', 'gone.log'] }, () => '');
    expect(shown).toEqual(['app.log: nothing in 1 lines']);
    expect(untold).toEqual(['gone.log: there is no such file']);
  });
});
