import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoadSpec } from '../../src/core/plan.ts';
import { recordable } from '../../src/experiments/engine/redact.ts';
import { Harness, planOf, slow } from './support/harness.ts';

const load: LoadSpec = { target: 'http://127.0.0.1:1', connections: 1, rate: 1, requests: [] };

let run: Harness;
beforeEach(() => {
  run = new Harness();
});
afterEach(() => run.close());

describe("a step's own load", () => {
  it("takes the place of the run's while the step lasts, and is recorded as the step's", async () => {
    const result = await run.run(planOf([slow('one', { load }), slow('two')], { load }));
    expect(result).toMatchObject({ verdict: 'held', journalFailures: [] });
    expect(run.loads).toEqual(['started', 'paused', 'started', 'stopped', 'resumed', 'stopped']);
    expect(run.of('load').map(({ step }) => step)).toEqual([0, undefined]);
  });

  it('needs none of the run', async () => {
    await run.run(planOf([slow('one', { load })]));
    expect(run.loads).toEqual(['started', 'stopped']);
  });

  it('ends with the step that is ended early', async () => {
    const result = await run.run(planOf([slow('one', { load })], { load }), {
      8000: () => run.stop('no more'),
    });
    expect(result.verdict).toBe('inconclusive');
    expect(run.loads.filter((what) => what === 'stopped')).toHaveLength(2);
  });

  it('is recorded without the credentials of its headers', () => {
    const headers = { authorization: 'Bearer abc', 'x-kind': 'task' };
    const traffic = {
      profile: 'own',
      stages: [],
      thinkMs: { from: 1, to: 1 },
      thresholds: [],
      timeScale: 1,
      timeoutMs: 1,
      seed: 1,
      scenarios: [
        { name: 'a', weight: 1, requests: [{ method: 'GET', path: '/', headers, check: {}, save: {} }] },
      ],
    };
    const text = JSON.stringify(recordable(planOf([slow('one', { load: { ...load, traffic } })])));
    expect(text).not.toContain('abc');
    expect(text).toContain('"x-kind":"task"');
  });
});
