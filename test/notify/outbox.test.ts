import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { webhook } from '../../src/notify/channels/webhook.ts';
import type { Channel, Notice } from '../../src/notify/contract.ts';
import { createNotifier } from '../../src/notify/notifier.ts';
import { freePort } from '../support/free-port.ts';
import { Receiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const receiver = new Receiver();
const SECRET = 'shared between two';
const PATH = '/hooks/not-to-be-seen';
const FAST = { attemptMs: 400, retries: 2, backoffMs: 1 };
const notice: Notice = {
  occasion: 'start',
  at: '2026-11-21T09:30:00.000Z',
  headline: 'lab started',
  text: 'It holds.',
};
let log: string[] = [];

beforeAll(() => receiver.open());
afterAll(() => receiver.close());
beforeEach(() => {
  log = [];
  receiver.received.length = 0;
  receiver.statuses = [200];
});

function to(url: string): Channel {
  const read = (reference: unknown) => (reference === 'url' ? url : SECRET);
  return {
    name: 'hook',
    kind: 'webhook',
    wants: () => true,
    message: (one, id) =>
      webhook.message(one, { url: 'url', secret: 'secret' }, { read, id, now: Date.now() }),
  };
}

const notifier = (url = `${receiver.url}${PATH}`) =>
  createNotifier([to(url)], (line) => log.push(line), FAST);

it('a webhook is signed over the moment of sending and its body', async () => {
  const one = notifier();
  one.tell(notice);
  await one.close(5000);
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  const timestamp = headers['x-faultline-timestamp'];
  const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
  expect(headers['x-faultline-signature']).toBe(`v1=${signature}`);
  expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60);
  expect(JSON.parse(body)).toEqual({ id: headers['x-faultline-delivery'], ...notice });
  expect(one.counts()[0]!.counts).toEqual({ sent: 1, failed: 0, dropped: 0 });
  expect(log).toEqual([]);
});

it('the receiver of the page takes it once, and nothing that is changed, stale or of another key', async () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/integrations.md'), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'faultline-receiver-'));
  try {
    const file = join(folder, 'receiver.mjs');
    writeFileSync(file, /```js\n([\s\S]*?)```/.exec(page)![1]!);
    const { accept } = await import(file);
    const one = notifier();
    one.tell(notice);
    await one.close(5000);
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    const now = Number(headers['x-faultline-timestamp']);
    expect(accept(headers, body.replace('holds', 'fails'), SECRET)).toBeNull();
    expect(accept(headers, body, 'another')).toBeNull();
    expect(accept({ ...headers, 'x-faultline-timestamp': String(now + 1) }, body, SECRET)).toBeNull();
    expect(accept({ ...headers, 'x-faultline-signature': 'v1=ab' }, body, SECRET)).toBeNull();
    expect(accept({}, body, SECRET)).toBeNull();
    expect(accept(headers, body, SECRET, now + 301)).toBeNull();
    expect(accept(headers, body, SECRET)).toEqual(JSON.parse(body));
    expect(accept({ ...headers, 'x-faultline-delivery': 'another' }, body, SECRET)).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('what a receiver cannot take now is sent again under the same id', async () => {
  receiver.statuses = [503, 429, 200];
  const one = notifier();
  one.tell(notice);
  await one.close(5000);
  const ids = receiver.received.map(({ headers }) => headers['x-faultline-delivery']);
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
  expect(one.counts()[0]!.counts.sent).toBe(1);
});

it.each([
  ['what is refused is not sent again', 403, 1, /the answer was 403/],
  ['a redirect is not followed', 302, 1, /302, and redirects are not followed/],
  ['what is never taken is given up', 500, 3, /the answer was 500/],
  ['an answer that never comes is given up', undefined, 3, /TimeoutError|UND_ERR|ABORT/],
])('%s', async (_, status, attempts, why) => {
  receiver.statuses = [status];
  const one = notifier();
  one.tell(notice);
  await one.close(5000);
  expect(receiver.received.map(({ path }) => path)).toEqual(Array(attempts).fill(PATH));
  expect(one.counts()[0]!.counts).toEqual({ sent: 0, failed: 1, dropped: 0 });
  expect(log).toEqual([expect.stringMatching(why)]);
  expect(log[0]).toContain('"hook" of start');
  expect(log[0]).not.toContain('not-to-be-seen');
});

it('where nobody listens, the log says so without the address', async () => {
  const one = notifier(`http://127.0.0.1:${await freePort()}${PATH}`);
  one.tell(notice);
  await one.close(5000);
  expect(log).toEqual(['notification "hook" of start was not taken: ECONNREFUSED']);
});

it('an address that is none is not quoted', async () => {
  const one = notifier('hooks/not-to-be-seen');
  one.tell(notice);
  await one.close(5000);
  expect(log).toHaveLength(1);
  expect(log[0]).not.toContain('not-to-be-seen');
});

it('of too many that wait some are dropped and counted, and closing waits no longer than it may', async () => {
  receiver.statuses = [undefined];
  const one = createNotifier([to(receiver.url)], (line) => log.push(line), { ...FAST, attemptMs: 60_000 });
  for (let sent = 0; sent < 150; sent += 1) one.tell(notice);
  await until('the first is under way', () => receiver.received.length > 0);
  await one.close(10);
  const { sent, failed, dropped } = one.counts()[0]!.counts;
  expect({ sent, all: failed + dropped }).toEqual({ sent: 0, all: 150 });
  expect(dropped).toBeGreaterThanOrEqual(49);
  expect(log.filter((line) => line.includes('dropped'))).toHaveLength(1);
});
