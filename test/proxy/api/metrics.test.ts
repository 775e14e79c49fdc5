import { Counter, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Observation, ProxyObservation } from '../../../src/core/observation.ts';
import { observationCounters } from '../../../src/proxy/api/native/metrics-counters.ts';
import { type ProxyServer, startProxyServer } from '../../../src/proxy/serve.ts';
import { type Echo, roundTrip, startEcho } from '../../support/echo.ts';
import { differences, metricsPage } from '../../support/metrics-page.ts';

const QUIET: ProxyObservation = {
  connections: { open: 0, new: 0, closed: 0, reset: 0 },
  bytes: { up: 0, down: 0 },
  units: 0,
  status: {},
  latency: { organic: '', injected: '' },
  retries: 0,
  held: { open: 0, longestMs: 0 },
  faults: {},
};

/** Counters that take observations of one proxy, and their text. */
function counters() {
  const registry = new Registry();
  const all = observationCounters(
    (name, help, labelNames) => new Counter({ name, help, labelNames, registers: [registry] }),
  );
  const take = (epoch: number, proxies: Record<string, Partial<ProxyObservation>>, listener = ':1') => {
    const whole = Object.entries(proxies).map(([name, seen]) => [name, { ...QUIET, ...seen }]);
    const observation = { epoch, proxies: Object.fromEntries(whole) } as unknown as Observation;
    all.take(observation, () => ({ listener, upstream: ':2' }));
  };
  const lines = async (name: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`));
  return { take, lines };
}
const fault = (injected: number, skipped = {}) => ({ matched: injected, injected, skipped });
const faults = (from: number, to: number) =>
  Object.fromEntries(Array.from({ length: to - from }, (_, index) => [`f${from + index}`, fault(1)]));

describe('labels that clients choose', () => {
  test('have a hundred series a proxy, and one for all others', async () => {
    const { take, lines } = counters();
    take(1, { p: { faults: faults(0, 130) } });
    take(1, { p: { faults: faults(0, 130) } });
    const injected = await lines('faultline_fault_injected_total');
    expect(injected).toHaveLength(101);
    expect(injected.at(-1)).toBe('faultline_fault_injected_total{proxy="p",fault="other"} 30');
  });

  test('make room for those of a new epoch', async () => {
    const { take, lines } = counters();
    for (let epoch = 0; epoch < 20; epoch++) {
      take(epoch, {
        p: {
          faults: faults(epoch * 50, epoch * 50 + 50),
          status: { [`${epoch}`]: { organic: 1, injected: 0 } },
        },
      });
    }
    const injected = await lines('faultline_fault_injected_total');
    expect(injected).toHaveLength(100);
    expect(injected.at(-1)).toContain('fault="f999"');
    expect(await lines('faultline_answers_total')).toHaveLength(40);
  });

  test('end with the proxy', async () => {
    const { take, lines } = counters();
    take(1, { p: { faults: faults(0, 3), bytes: { up: 5, down: 5 } }, q: { faults: faults(0, 1) } });
    take(1, { q: { faults: faults(0, 1) } });
    expect(await lines('faultline_fault_injected_total')).toEqual([
      'faultline_fault_injected_total{proxy="q",fault="f0"} 1',
    ]);
    expect((await lines('toxiproxy_proxy_sent_bytes_total')).join()).not.toContain('"p"');
  });
});

test('bytes are not counted twice when a proxy moves to another address', async () => {
  const { take, lines } = counters();
  take(1, { p: { bytes: { up: 5, down: 0 } } });
  take(1, { p: { bytes: { up: 7, down: 0 } } }, ':9');
  expect((await lines('toxiproxy_proxy_sent_bytes_total'))[0]).toMatch(
    /direction="upstream".*listener=":9".*\} 2$/,
  );
});

test('what faults left alone is counted by reason', async () => {
  const { take, lines } = counters();
  take(1, { p: { faults: { a: fault(1, { toxicity: 2 }) } } });
  take(1, { p: { faults: { a: fault(1, { toxicity: 5, exempt: 1 }) } } });
  expect(await lines('faultline_fault_skipped_total')).toEqual([
    'faultline_fault_skipped_total{proxy="p",fault="a",reason="toxicity"} 5',
    'faultline_fault_skipped_total{proxy="p",fault="a",reason="exempt"} 1',
  ]);
});

test('what clients do about failures is counted over epochs', async () => {
  const { take, lines } = counters();
  const clients = {
    failed: 3,
    followed: 2,
    backoff: ['', '', ''],
    longestChain: 2,
    retryAfter: { told: 2, kept: 1, early: 1 },
    abandoned: { count: 1, age: '' },
    truncated: { count: 4, followed: 0 },
    open: 0,
    oldestMs: 0,
    duplicates: 1,
  } as const;
  take(1, { p: { clients }, q: {} });
  take(2, { p: { clients }, q: {} });
  expect(await lines('faultline_client_failed_total')).toEqual([
    'faultline_client_failed_total{proxy="p"} 6',
  ]);
  expect(await lines('faultline_client_retry_after_total')).toEqual([
    'faultline_client_retry_after_total{proxy="p",outcome="told"} 4',
    'faultline_client_retry_after_total{proxy="p",outcome="kept"} 2',
    'faultline_client_retry_after_total{proxy="p",outcome="early"} 2',
  ]);
});

describe('the metrics of a data plane', () => {
  let echo: Echo;
  let server: ProxyServer;
  const text = async () => (await fetch(`http://${server.control}/metrics`)).text();

  beforeAll(async () => {
    echo = await startEcho();
    const proxy = { name: 'p', protocol: 'tcp', listen: '127.0.0.1:0', upstream: echo.address } as const;
    server = await startProxyServer({ control: '127.0.0.1:0', proxies: [proxy] });
    const toxic = { name: 't', type: 'latency', stream: 'upstream', toxicity: 1 } as const;
    server.plane.proxy('p')!.addToxic({ ...toxic, attributes: { latency: 1, jitter: 0 } });
    await fetch(`http://${server.control}/faults`, {
      method: 'PUT',
      body: JSON.stringify({
        run: 'r',
        epoch: 1,
        lease: '1m',
        seed: 1,
        faults: [
          { id: 'a', proxy: 'p', type: 'latency' },
          { id: 'b', proxy: 'p', type: 'latency', toxicity: 0 },
        ],
      }),
    });
    await roundTrip(server.plane.proxy('p')!.declaration.listen, 'hello');
  });
  afterAll(async () => {
    await server.close();
    await echo.close();
  });

  test('are those of the page, with their labels, and no others', async () => {
    expect(differences(await text(), metricsPage('data'))).toEqual([]);
  });

  test('have counters that end in _total, and times in seconds', async () => {
    for (const [, name, type] of (await text()).matchAll(/^# TYPE (faultline_\w+) (\w+)$/gm)) {
      expect(name!.endsWith('_total'), name).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|millis|kb|kib)\b/);
    }
  });

  test('tell faults in force by type and by who set them, and what is left of the lease', async () => {
    const shown = await text();
    expect(shown).toContain('faultline_faults_active{proxy="p",type="latency",set="leased"} 2');
    expect(shown).toContain('faultline_faults_active{proxy="p",type="latency",set="manual"} 1');
    expect(shown).toMatch(/^faultline_fault_skipped_total\{proxy="p",fault="b",reason="toxicity"\} 1$/m);
    const left = Number(/^faultline_lease_seconds_left (\S+)$/m.exec(shown)?.[1]);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60);
  });
});
