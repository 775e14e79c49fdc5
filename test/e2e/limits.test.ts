import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadPlan } from '../../src/experiments/load.ts';
import { startProxyServer } from '../../src/proxy/serve.ts';
import { Lab } from '../support/experiment.ts';
import { finished, startScript } from '../support/processes.ts';

let lab: Lab;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  lab = new Lab();
  await lab.open();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await lab.close();
});

const LATENCY = '{ proxy: web, type: latency, attributes: { latency: 1 } }';

/** A paid provider behind an AI proxy, and an application that asks it and retries what takes longer than 150 ms. */
async function provider(fault: string, duration = '6s'): Promise<{ readonly file: string; paid(): number }> {
  let paid = 0;
  const server = http.createServer((_, response) => {
    paid++;
    response.end('{"ok":true}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const file = join(lab.folder, 'spend.yaml');
  writeFileSync(
    file,
    `name: spend
hypothesis: Retries stay few.
proxies:
  ai: { protocol: openai, listen: "127.0.0.1:${lab.proxyPort}", upstream: "http://127.0.0.1:${port}" }
steadyState:
  baseline: 3s
  probes:
    - name: read
      http: { url: "http://127.0.0.1:${lab.upstreamPort}/" }
      every: 100ms
      expect: { status: 200 }
steps: [{ name: stall, duration: ${duration}, faults: [${fault}] }]
recovery: { within: 5s }
`,
  );
  const ending = new AbortController();
  const ask = async (retry = 0): Promise<void> => {
    if (ending.signal.aborted || retry > 3) return;
    try {
      const response = await fetch(`http://127.0.0.1:${lab.proxyPort}/v1/chat/completions`, {
        method: 'POST',
        body: '{"model":"m"}',
        headers: { 'content-type': 'application/json', 'x-stainless-retry-count': String(retry) },
        signal: AbortSignal.timeout(150),
      });
      await response.text();
    } catch {
      await ask(retry + 1);
    }
  };
  const timer = setInterval(() => void ask(), 50);
  closing.push(
    () => {
      server.closeAllConnections();
      server.close();
    },
    () => {
      clearInterval(timer);
      ending.abort();
    },
  );
  return { file, paid: () => paid };
}

describe('spend', () => {
  test('aborts a run whose faults make callers pay again and again', async () => {
    lab.limits(
      'spend: { retryAmplification: 2 }\nreach: { addedLatency: 1m, requestsPerSecond: 1000, connections: 1000 }\n',
    );
    const { file, paid } = await provider('{ proxy: ai, type: http_stall }', '20s');
    const result = await lab.run(file);
    expect(result).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(result.sentence).toMatch(
      /^aborted: ai: the retry amplification came to [\d.]+: \d+ requests were sent on in [\d.]+ s.*; safety-limits\.yaml allows 2 /,
    );
    const [breach] = lab.of('bound-breached');
    expect(breach).toMatchObject({ limit: 'retryAmplification', proxy: 'ai', bound: 2 });
    expect(breach!.value).toBeGreaterThan(2);
    expect(lab.of('rollback-started')).toMatchObject([{ cause: 'breach' }]);
    expect(lab.of('rollback-proof')).toMatchObject([{ proof: { proven: true, empty: true, held: 0 } }]);
    expect(paid()).toBeGreaterThan(0);
  }, 40_000);

  test('is not touched by retries that the fault answers itself', async () => {
    lab.limits('spend: { retryAmplification: 2, extraRequests: 20 }\n');
    const { file } = await provider('{ proxy: ai, type: http_abort }');
    const result = await lab.run(file);
    expect(result.sentence).toMatch(/^held/);
    const last = lab.of('observation').findLast(({ observation }) => observation.epoch === 1)!.observation
      .proxies.ai!;
    expect(last.retries).toBeGreaterThan(50);
    expect(last.sentOn?.retries).toBeLessThan(20);
  }, 40_000);
});

describe('exempt clients', () => {
  test('notice nothing of a run that cuts everybody off, and are counted', async () => {
    lab.limits('exempt: { clients: [127.0.0.1] }\n');
    const result = await lab.run(lab.experiment('{ proxy: web, type: blackhole }'));
    // Nobody but exempt probes was there, so that nothing was shown.
    expect(result.sentence).toMatch(/^inconclusive: fault 1\.1 .* was injected 0 times of 0 matched/);
    const [ended] = lab.of('step-ended');
    expect(ended!.counts[0]!.skipped.exempt).toBeGreaterThan(10);
    expect(lab.of('sample').every(({ sample }) => sample.ok)).toBe(true);
  }, 30_000);
});

describe('two runs', () => {
  test('of one folder that begin in the same instant: exactly one goes on', async () => {
    const file = lab.experiment(LATENCY);
    const both = await Promise.all(
      [1, 2].map(() => finished(startScript('test/e2e/run-controller.ts', [file, lab.folder]))),
    );
    const ends = both.map(({ stdout }) => {
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      return { ...events.at(-1), gate: events.find(({ type }) => type === 'gate-refused')?.gate };
    });
    expect(ends.map(({ exit }) => exit).sort()).toEqual([0, 6]);
    const loser = ends.find(({ exit }) => exit === 6);
    expect(loser).toMatchObject({
      gate: 'no other run',
      sentence: expect.stringMatching(/^refused: run ".*-lab-.*" is under way, and 1 at a time is the most$/),
    });
  }, 60_000);

  test('of two folders that share a data plane: the second is refused while the first has faults there', async () => {
    const file = lab.experiment(LATENCY);
    const { plan } = loadPlan({ file, cwd: lab.folder });
    const server = await startProxyServer({ control: plan.control, proxies: plan.proxies });
    closing.push(() => server.close());
    const elsewhere = join(lab.folder, 'elsewhere');
    mkdirSync(elsewhere);
    const first = lab.run(file);
    await lab.inForce();
    const refused = await lab.run(file, { cwd: elsewhere, onEvent: () => {} });
    expect(refused).toMatchObject({
      exit: 6,
      sentence: expect.stringMatching(/^refused: run ".*" holds a live lease on the data plane$/),
    });
    expect(await first).toMatchObject({ exit: 0, verdict: 'held' });
  }, 40_000);
});
