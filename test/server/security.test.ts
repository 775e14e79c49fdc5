import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import { AuditLog, auditFile, verifyAuditLog } from '../../src/server/guards/audit-log.ts';
import { FailedLogins } from '../../src/server/guards/failures.ts';
import { Tokens, tokensFile } from '../../src/server/guards/tokens.ts';
import type { ControlPlane, ServeOptions } from '../../src/server/index.ts';
import type { FollowedRun } from '../../src/server/runs/followed.ts';
import { controlPlane } from '../support/control-plane.ts';
import { Lab } from '../support/experiment.ts';
import { finished, startScript } from '../support/processes.ts';

const lab = new Lab();
let plane: ControlPlane;
let tokens: Tokens;
const token: Record<string, string> = {};

/** One that starts no run. */
const guarded = (folder: string, more: Partial<ServeOptions> = {}) =>
  controlPlane(folder, { command: ['false'], ...more });

beforeAll(async () => {
  await lab.open();
  lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  tokens = new Tokens(tokensFile(lab.folder));
  for (const role of ['viewer', 'operator', 'admin'] as const) token[role] = tokens.create(role, role);
  plane = await guarded(lab.folder);
});
afterAll(async () => {
  await plane.close();
  await lab.close();
});

interface Ask {
  /** Another control plane than the one of this file. */
  readonly at?: ControlPlane;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** By hand, since fetch would not let a Host or a Cookie be set. */
function ask(method: string, path: string, { at = plane, token: bearer, headers = {}, body }: Ask = {}) {
  return new Promise<{
    status: number;
    headers: Record<string, unknown>;
    json: { error?: { code: string } };
  }>((done, failed) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const request = httpRequest(
      `${at.url}${path}`,
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
    ['OPTIONS', '/api/runs'],
    ['GET', '/metrics'],
  ])('is not let in to %s %s', async (method, path) => {
    expect(await code(ask(method, path, { body: method === 'POST' ? {} : undefined }))).toEqual([
      401,
      'NOT_LOGGED_IN',
    ]);
  });

  it('is let in neither by HEAD nor by asking for another protocol', async () => {
    expect((await ask('HEAD', '/api/runs')).status).toBe(401);
    const headers = { connection: 'upgrade', upgrade: 'websocket' };
    expect((await ask('GET', '/api/events', { headers })).status).toBe(401);
  });

  it('sees only whether it works, and not what is being tested', async () => {
    const running = vi.spyOn(plane.controller.launcher, 'running');
    running.mockReturnValue([{ id: 'secret-plan' } as FollowedRun]);
    const [stranger, viewer] = [
      await ask('GET', '/healthz'),
      await ask('GET', '/healthz', { token: token.viewer }),
    ];
    running.mockRestore();
    expect(stranger).toMatchObject({ status: 200, json: { running: [] } });
    expect(viewer.json).toMatchObject({ running: ['secret-plan'] });
  });

  it('is nobody at a control plane without tokens too, where a proxy brings them, or once there was a token', async () => {
    const bare = new Lab();
    await bare.open();
    const at = await guarded(bare.folder);
    const me = async (headers = {}) => (await ask('GET', '/api/me', { at, headers })).status;
    const own = new Tokens(tokensFile(bare.folder));
    const seen = [await me(), await me({ 'x-forwarded-for': '203.0.113.9' })];
    own.create('last', 'admin');
    own.revoke('last');
    seen.push(await me());
    await at.close();
    await bare.close();
    expect(seen).toEqual([200, 401, 401]);
  });

  it('cannot make it listen to the network before there are credentials', async () => {
    const bare = new Lab();
    await bare.open();
    await expect(guarded(bare.folder, { host: '0.0.0.0' })).rejects.toMatchObject({
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

  it('has no session by one that it has planted before the login, and none that leaves an encrypted page in the clear', async () => {
    const planted = 'A'.repeat(43);
    const { headers } = await ask('POST', '/api/login', {
      headers: { cookie: `faultline=${planted}`, origin: plane.url.replace('http:', 'https:') },
      body: { token: token.viewer },
    });
    expect(String(headers['set-cookie'])).toMatch(/; Secure$/);
    expect(String(headers['set-cookie'])).not.toContain(planted);
    expect((await ask('GET', '/api/me', { headers: { cookie: `faultline=${planted}` } })).status).toBe(401);
    const cookie = String(headers['set-cookie']).split(';')[0]!;
    expect((await ask('GET', '/api/me', { headers: { cookie } })).status).toBe(200);
    await ask('POST', '/api/logout', { headers: { cookie } });
    expect((await ask('GET', '/api/me', { headers: { cookie } })).status).toBe(401);
  });

  it.each(['/', '/assets/app.js', '/docs', '/healthz', '/api/runs', '/api/nothing'])(
    'can neither frame nor embed %s, nor have it taken for a script',
    async (path) => {
      const { headers } = await ask('GET', path, { token: token.viewer });
      expect(headers).toMatchObject({
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      });
      if (path.startsWith('/api/')) expect(headers['cache-control']).toBe('no-store');
    },
  );

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
    ['viewer', 'PUT', '/api/schedules/nightly', 403],
    ['viewer', 'DELETE', '/api/schedules/nightly', 403],
    ['operator', 'POST', '/api/runs', 404],
    ['operator', 'PUT', '/api/schedules/nightly', 400],
    ['operator', 'DELETE', '/api/schedules/nightly', 404],
    ['admin', 'POST', '/api/runs', 404],
  ])('%s: %s %s answers %i', async (role, method, path, status) => {
    const body = method === 'POST' || method === 'PUT' ? { experiment: 'nothing' } : undefined;
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

  it('ends its event stream too when its token is revoked', async () => {
    const text = tokens.create('watcher', 'viewer');
    const response = await fetch(`${plane.url}/api/events`, { headers: { authorization: `Bearer ${text}` } });
    const reader = response.body!.getReader();
    expect((await reader.read()).done).toBe(false);
    tokens.revoke('watcher');
    const rest = async () => {
      while (!(await reader.read()).done);
      return 'ended';
    };
    expect(await rest()).toBe('ended');
  });

  it('cannot be given to oneself by a body with the keys of every object', async () => {
    for (const body of ['{"__proto__":{"role":"admin"}}', '{"constructor":{"prototype":{"role":"admin"}}}'])
      expect((await ask('POST', '/api/runs', { token: token.operator, body })).status).toBe(400);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it('cannot be given to oneself in a file that others may write, and nobody is let in by one that is torn', async () => {
    const path = tokensFile(lab.folder);
    const before = readFileSync(path);
    chmodSync(path, 0o660);
    const wide = await code(ask('GET', '/api/me', { token: token.admin }));
    chmodSync(path, 0o600);
    writeFileSync(path, before.subarray(0, 40));
    const torn = await code(ask('GET', '/api/me', { token: token.admin }));
    writeFileSync(path, before);
    expect(wide).toEqual([503, 'TOKENS_UNUSABLE']);
    expect(torn).toEqual([503, 'TOKENS_UNUSABLE']);
  });

  it('stays as it was where the disk takes no change of it', () => {
    const path = tokensFile(lab.folder);
    symlinkSync('/dev/full', `${path}.${process.pid}`);
    expect(() => tokens.create('one more', 'admin')).toThrow(
      expect.objectContaining({ code: 'FILE_NOT_WRITTEN', message: expect.stringContaining('ENOSPC') }),
    );
    expect(tokens.list().map(({ name }) => name)).not.toContain('one more');
    expect(tokens.verify(token.admin!)).toMatchObject({ role: 'admin' });
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
    for (const path of [`/api/runs?token=x`, `/api/runs?t=${token.viewer}`, `/${token.viewer}`])
      expect(await code(ask('GET', path))).toEqual([400, 'TOKEN_IN_URL']);
  });

  it('can name no file over the API', async () => {
    const paths = [
      '/api/runs/..%2f..%2fetc%2fpasswd',
      '/api/experiments/..%2f..%2fetc%2fpasswd',
      '/api/runs/../../etc/passwd/report.html',
      '/api/gamedays/..%2f..%2fetc/report.html',
      '/assets/..%2f..%2fapp.ts',
      '/docs/static/..%2f..%2fpackage.json',
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

  it('gains nothing by more addresses of one network, nor by a right token in between', () => {
    const failures = new FailedLogins(() => 0);
    for (let time = 0; time < 10; time++) {
      failures.check(`2001:db8:0:7::${time}`);
      failures.failed(`2001:db8:0:7:0:${time}:0:1`);
    }
    expect(() => failures.check('2001:db8::7:1:2:3:4')).toThrow('wait 60 s');
    expect(() => failures.check('2001:db8:0:8::1')).not.toThrow();
    for (let time = 0; time < 10; time++) failures.failed('::ffff:10.0.0.1');
    expect(() => failures.check('10.0.0.1')).toThrow('wait 60 s');
  });

  it('cannot fill the log of what was done: of a flood from everywhere only the first hundred a minute are written down', () => {
    const failures = new FailedLogins(() => 0);
    const recorded = Array.from({ length: 300 }, (_, client) => failures.failed(`10.0.${client}.1`));
    expect(recorded.filter(Boolean)).toHaveLength(100);
  });

  it('is known by their own address: what they say of it is believed only of a proxy that is named', async () => {
    const guess = (at: ControlPlane, from: string, more: Ask = {}) =>
      ask('GET', '/api/me', { at, token: 'flt_x', headers: { 'x-forwarded-for': from }, ...more });
    const [open, behind] = [await guarded(lab.folder), await guarded(lab.folder, { behind: ['127.0.0.1'] })];
    for (let time = 0; time < 10; time++) {
      await guess(open, `10.1.1.${time}`);
      await guess(behind, '10.1.1.1');
    }
    const headers = { 'x-forwarded-for': '10.1.1.1' };
    const seen = [
      (await guess(open, '10.1.1.99')).status,
      (await guess(behind, '10.1.1.1', { token: token.operator })).status,
      (await guess(behind, '10.1.1.2', { token: token.operator })).status,
    ];
    const halt = await ask('POST', '/api/halt', { at: behind, token: token.operator, headers, body: {} });
    await open.close();
    await behind.close();
    expect(seen).toEqual([429, 429, 200]);
    // Whoever guesses beside them must not keep an operator from ending an outage.
    expect(halt.status).not.toBe(429);
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

  it('finds what a role was refused in it too', async () => {
    await ask('POST', '/api/runs', { token: token.viewer, body: {} });
    expect(JSON.parse(lines().at(-1)!)).toMatchObject({ who: 'viewer', act: 'POST /api/runs refused' });
  });

  it('cannot hide in what several processes write at once, nor behind an entry that a full disk has torn', async () => {
    const path = join(lab.folder, 'shared-log.jsonl');
    const args = (who: string) => [path, who, '40'];
    const ends = await Promise.all(
      ['a', 'b'].map((who) => finished(startScript('test/server/append-audit.ts', args(who)))),
    );
    expect(ends.map((end) => end.code)).toEqual([0, 0]);
    appendFileSync(path, '{"n":81,"t":"20');
    new AuditLog(path).record({ name: 'ada', role: 'admin' }, 'act');
    expect(verifyAuditLog(readFileSync(path, 'utf8'))).toMatchObject({ entries: 82 });
    expect(readFileSync(path, 'utf8')).toContain('unfinished entry taken away');
  });

  it('cannot cut its end off unseen by whoever goes on with it: the gap stays, and is stated', () => {
    const path = join(lab.folder, 'cut-log.jsonl');
    const log = new AuditLog(path);
    for (let time = 0; time < 3; time++) log.record({ name: 'ada', role: 'admin' }, 'act');
    truncateSync(path, readFileSync(path, 'utf8').indexOf('\n') + 1);
    log.record({ name: 'ada', role: 'admin' }, 'act');
    expect(log.trouble).toMatch(/entries of the audit log were taken away/);
    expect(verifyAuditLog(readFileSync(path, 'utf8')).problem).toMatch(/entry 4 does not follow entry 1/);
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
