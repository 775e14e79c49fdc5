import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProbeSpec } from '../../src/core/plan.ts';
import { parseSelector, sumOf } from '../../src/probes/exposition.ts';
import { createProbe } from '../../src/probes/index.ts';

const registry = new Registry();
new Gauge({ name: 'queue_depth', help: 'Tasks that wait.', registers: [registry] }).set(42);
const served = new Counter({
  name: 'http_requests_total',
  help: 'Requests.',
  labelNames: ['path', 'status'],
  registers: [registry],
});
served.inc({ path: '/a', status: '200' }, 10);
served.inc({ path: '/b', status: '200' }, 5);
served.inc({ path: '/say "hi",\\n{x}', status: '500' }, 2.5);
new Gauge({ name: 'queue_depth_limit', help: 'Another name that begins alike.', registers: [registry] }).set(
  1000,
);

const server = createServer(async (request, response) => {
  if (request.url !== '/metrics') return response.writeHead(404).end();
  response.end(await registry.metrics());
});
let url = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function measure(metric: string, path = '/metrics') {
  const spec: ProbeSpec = {
    name: 'queue',
    kind: 'prometheus',
    url: `${url}${path}`,
    metric,
    headers: {},
    everyMs: 1000,
    timeoutMs: 5000,
    windowMs: 10_000,
    expect: [],
  };
  const probe = createProbe(spec, { environment: {}, allowed: [] });
  try {
    return await probe.measure(new AbortController().signal);
  } finally {
    await probe.close();
  }
}

describe('a prometheus probe', () => {
  test.each([
    ['a gauge', 'queue_depth', 42],
    ['the sum over all labels', 'http_requests_total', 17.5],
    ['the series with a label', 'http_requests_total{status="200"}', 15],
    ['the series with all of several labels', 'http_requests_total{status="200", path="/b"}', 5],
    [
      'a label value with quotes, commas, braces and a backslash',
      String.raw`http_requests_total{path="/say \"hi\",\\n{x}"}`,
      2.5,
    ],
  ])('reads %s', async (_, metric, value) => {
    expect(await measure(metric)).toMatchObject({ ok: true, value });
  });

  test.each([
    [
      'there is no such series',
      'queue',
      '/metrics',
      'the metrics page has no series of that name and labels',
    ],
    [
      'no series has the label',
      'queue_depth{a="b"}',
      '/metrics',
      'the metrics page has no series of that name and labels',
    ],
    [
      'the selector is not one',
      'queue depth',
      '/metrics',
      'the metric is not written as name or name{label="value"}',
    ],
    ['the page is not there', 'queue_depth', '/other', 'the metrics page answered 404'],
  ])('fails when %s', async (_, metric, path, reason) => {
    expect(await measure(metric, path)).toMatchObject({ ok: false, reason });
  });
});

describe('the text format', () => {
  test.each([
    ['a time stamp', 'up 1 1700000000000', 'up', 1],
    ['an infinity', 'up +Inf', 'up', Number.POSITIVE_INFINITY],
    ['exponents', 'up 1.5e3', 'up', 1500],
    ['a trailing comma', 'up{a="b",} 3', 'up{a="b"}', 3],
    ['no number for a series without one', 'up NaN', 'up', undefined],
    ['nothing of a broken line', 'up{a="b 3', 'up', undefined],
  ])('is read with %s', (_, page, selector, value) => {
    expect(sumOf(page, parseSelector(selector)!)).toBe(value);
  });
});
