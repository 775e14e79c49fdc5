import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import { auditFile, verifyAuditLog } from '../../src/server/guards/audit-log.ts';
import { FailedLogins } from '../../src/server/guards/failures.ts';
import { Tokens, tokensFile } from '../../src/server/guards/tokens.ts';
import { type ControlPlane, startControlPlane } from '../../src/server/index.ts';
import type { FollowedRun } from '../../src/server/runs/followed.ts';
import { Lab } from '../support/experiment.ts';

const lab = new Lab();
let plane: ControlPlane;
let tokens: Tokens;
const token: Record<string, string> = {};

const options = (folder: string) => ({
  cwd: folder,
  experiments: '.',
  command: ['false'],
  port: 0,
  version: '0',
  log: () => {},
});

beforeAll(async () => {
  await lab.open();
  lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  tokens = new Tokens(tokensFile(lab.folder));
  for (const role of ['viewer', 'operator', 'admin'] as const) token[role] = tokens.create(role, role);
  plane = await startControlPlane({ ...options(lab.folder), host: '127.0.0.1' });
});
afterAll(async () => {
  await plane.close();
  await lab.close();
});

interface Ask {
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** By hand, since fetch would not let a Host or a Cookie be set. */
function ask(method: string, path: string, { token: bearer, headers = {}, body }: Ask = {}) {
  return new Promise<{
    status: number;
    headers: Record<string, unknown>;
    json: { error?: { code: string } };
  }>((done, failed) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const request = httpRequest(
      `${plane.url}${path}`,
      {
        method,
        headers: {
          ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
          ...(text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {}),
          ...headers,
        },
      },
      (response) => {
        let said = '';
        response.on('data', (chunk) => {
          said += chunk;
        });
        response.on('end', () =>
          done({
            status: response.statusCode!,
            headers: response.headers,
            json: said.startsWith('{') ? JSON.parse(said) : {},
          }),
        );
      },
    );
    request.on('error', failed);
    request.end(text);
  });
}

const code = async (answer: ReturnType<typeof ask>) => {
  const { status, json } = await answer;
  return [status, json.error?.code];
};

describe('a stranger', () => {
  it.each([
    ['GET', '/api/runs'],
    ['GET', '/api/events'],
    ['GET', '/docs/json'],
    ['POST', '/api/halt'],
    ['POST', '/api/runs'],
  ])('is not let in to %s %s', async (method, path) => {
    expect(await code(ask(method, path, { body: method === 'POST' ? {} : undefined }))).toEqual([
      401,
      'NOT_LOGGED_IN',
    ]);
  });

  it('sees only whether it works', async () => {
    expect((await ask('GET', '/healthz')).status).toBe(200);
  });

  it('cannot make it listen to the network before there are credentials', async () => {
    const bare = new Lab();
    await bare.open();
    await expect(startControlPlane({ ...options(bare.folder), host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'NO_CREDENTIALS',
    });
    await bare.close();
  });
});

describe('a web page of another origin', () => {
  it('cannot reach it by a name of its own that points at this machine', async () => {
    expect(await code(ask('GET', '/healthz', { headers: { host: 'evil.example' } }))).toEqual([
      403,
      'HOST_REFUSED',
    ]);
  });

  it('cannot send what an operator would send', async () => {
    const headers = { origin: 'https://evil.example' };
    expect(await code(ask('POST', '/api/halt', { token: token.operator, headers, body: {} }))).toEqual([
      403,
      'ORIGIN_REFUSED',
    ]);
  });

  it('gets no session along with what it sends, nor its cookie by script', async () => {
    const { headers } = await ask('POST', '/api/login', { body: { token: token.viewer } });
    expect(String(headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict; Path=\//);
  });

  it('cannot send a form: only JSON is read', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('POST', '/api/halt', { token: token.operator, headers, body: {} })).status).toBe(415);
  });
});

describe('a role', () => {
  it.each([
    ['viewer', 'GET', '/api/runs', 200],
    ['viewer', 'POST', '/api/runs', 403],
    ['viewer', 'POST', '/api/halt', 403],
    ['operator', 'POST', '/api/runs', 404],
    ['admin', 'POST', '/api/runs', 404],
  ])('%s: %s %s answers %i', async (role, method, path, status) => {
    const body = method === 'POST' ? { experiment: 'nothing' } : undefined;
    expect((await ask(method, path, { token: token[role], body })).status).toBe(status);
  });

  it('ends, with its sessions, when its token is revoked', async () => {
    const text = tokens.create('leaver', 'operator');
    const { headers } = await ask('POST', '/api/login', { body: { token: text } });
    const cookie = String(headers['set-cookie']).split(';')[0]!;
    expect((await ask('GET', '/api/me', { headers: { cookie } })).json).toEqual({
      name: 'leaver',
      role: 'operator',
    });
    tokens.revoke('leaver');
    expect((await ask('GET', '/api/me', { headers: { cookie } })).status).toBe(401);
    expect((await ask('GET', '/api/me', { token: text })).status).toBe(401);
  });

  it('ends when its token is over', () => {
    const text = tokens.create('guest', 'viewer', new Date(Date.now() + 1000));
    expect(tokens.verify(text)).toEqual({ name: 'guest', role: 'viewer' });
    expect(tokens.verify(text, Date.now() + 2000)).toBeUndefined();
  });
});

describe('a thief of files or logs', () => {
  it('finds no token in any file of the folder, and none that others could read', async () => {
    await ask('POST', '/api/runs', { token: token.operator, body: { experiment: 'nothing' } });
    const files = readdirSync(join(lab.folder, '.faultline'), {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const entry of files) {
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      for (const secret of Object.values(token)) expect(text).not.toContain(secret.split('_').at(-1));
    }
    expect(statSync(tokensFile(lab.folder)).mode & 0o077).toBe(0);
    expect(statSync(auditFile(lab.folder)).mode & 0o077).toBe(0);
  });

  it('is not handed a token by a URL: one that stands there is refused and named as lost', async () => {
    expect(await code(ask('GET', `/api/runs?token=${token.viewer}`))).toEqual([400, 'TOKEN_IN_URL']);
  });

  it('can name no file over the API', async () => {
    const paths = [
      '/api/runs/..%2f..%2fetc%2fpasswd',
      '/api/experiments/..%2f..%2fetc%2fpasswd',
      '/api/runs/../../etc/passwd/report.html',
    ];
    for (const path of paths) {
      const { status } = await ask('GET', path, { token: token.viewer });
      expect([400, 404]).toContain(status);
    }
  });
});

describe('whoever guesses tokens', () => {
  it('is not listened to for a minute after ten wrong ones', () => {
    let now = 0;
    const failures = new FailedLogins(() => now);
    for (let time = 0; time < 10; time++) {
      failures.check('10.0.0.1');
      failures.failed('10.0.0.1');
    }
    expect(() => failures.check('10.0.0.1')).toThrow('wait 60 s');
    expect(() => failures.check('10.0.0.2')).not.toThrow();
    now = 60_000;
    expect(() => failures.check('10.0.0.1')).not.toThrow();
  });

  it('is answered the same for a token that is unknown and one that is wrong', async () => {
    const wrong = `${token.viewer!.slice(0, -1)}${token.viewer!.endsWith('A') ? 'B' : 'A'}`;
    const answers = [
      await code(ask('GET', '/api/me', { token: wrong })),
      await code(ask('GET', '/api/me', { token: 'flt_x' })),
    ];
    expect(answers).toEqual([
      [401, 'TOKEN_REFUSED'],
      [401, 'TOKEN_REFUSED'],
    ]);
  });
});

describe('whoever would hide what was done', () => {
  const lines = () => readFileSync(auditFile(lab.folder), 'utf8').trim().split('\n');

  it('leaves an entry for each act, by whom, before it happens', async () => {
    await ask('POST', '/api/runs', { token: token.admin, body: { experiment: 'nothing' } });
    expect(JSON.parse(lines().at(-1)!)).toMatchObject({
      who: 'admin',
      role: 'admin',
      act: 'POST /api/runs',
      target: 'nothing',
    });
    expect(verifyAuditLog(lines().join('\n')).problem).toBeUndefined();
  });

  it('cannot change, take out or cut off an entry unseen', async () => {
    for (let time = 0; time < 3; time++)
      await ask('POST', '/api/runs', { token: token.admin, body: { experiment: `n${time}` } });
    const all = lines();
    const head = JSON.parse(all.at(-1)!).hash;
    const changed = all.map((line, index) => (index === 1 ? line.replace('"role":"', '"role":"x') : line));
    expect(verifyAuditLog(changed.join('\n')).problem).toMatch(/line 2: entry 2 was changed/);
    expect(verifyAuditLog(all.toSpliced(1, 1).join('\n')).problem).toMatch(
      /line 2: entry 3 does not follow entry 1/,
    );
    expect(verifyAuditLog(all.slice(0, -1).join('\n'), head).problem).toMatch(/the end was cut off/);
  });

  it('cannot act while the log cannot be written; what is taken back is taken back all the same', async () => {
    const path = auditFile(lab.folder);
    const before = readFileSync(path);
    rmSync(path);
    writeFileSync(join(lab.folder, '.faultline', 'blocker'), '');
    mkdirSync(path);
    const [start, halt] = [
      await code(ask('POST', '/api/runs', { token: token.operator, body: { experiment: 'lab' } })),
      await ask('POST', '/api/halt', { token: token.operator, body: {} }),
    ];
    rmSync(path, { recursive: true });
    writeFileSync(path, before);
    expect(start).toEqual([503, 'AUDIT_NOT_WRITTEN']);
    expect(halt.status).not.toBe(503);
  });
});

it('a client that reads nothing of the events is let go, and others go on', async () => {
  const slow = connect(Number(new URL(plane.url).port), '127.0.0.1');
  slow.write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token.viewer}\r\n\r\n`);
  await once(slow, 'data');
  slow.pause();
  const { launcher } = plane.controller;
  const note = { type: 'note', text: 'x'.repeat(100_000) } as unknown as JournalEvent;
  const sent = 300;
  for (let time = 0; time < sent; time++) {
    launcher.emit('event', { id: 'any' } as FollowedRun, note);
    if (time % 20 === 0) expect((await ask('GET', '/healthz')).status).toBe(200);
  }
  let read = 0;
  slow.on('data', (chunk) => {
    read += chunk.length;
  });
  slow.on('error', () => {});
  slow.resume();
  await once(slow, 'close');
  expect(read).toBeLessThan(sent * 100_000);
});
