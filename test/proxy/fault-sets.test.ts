import { beforeEach, describe, expect, test } from 'vitest';
import { FaultlineError } from '../../src/core/errors.ts';
import type { FaultSetRequest, FaultSpec } from '../../src/core/fault.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import type { DataPlane } from '../../src/proxy/contract.ts';
import { createDataPlane } from '../../src/proxy/plane.ts';
import { FakeClock } from '../support/fake-clock.ts';

let clock: FakeClock;
let plane: DataPlane;
const slow: FaultSpec = { proxy: 'db', type: 'latency', attributes: { latency: 100 } };

beforeEach(async () => {
  clock = new FakeClock();
  plane = await planeWith({ db: 'tcp', cache: 'redis' });
});

async function planeWith(proxies: Record<string, Protocol>): Promise<DataPlane> {
  const made = createDataPlane({ clock, createForwarder: () => ({ accept() {}, async close() {} }) });
  for (const [name, protocol] of Object.entries(proxies))
    await made.addProxy({ name, protocol, listen: '127.0.0.1:0', upstream: '127.0.0.1:1' }, false);
  return made;
}

function put(epoch: number, change: Partial<FaultSetRequest> = {}) {
  return plane.putFaults({ run: 'r', epoch, lease: '10s', seed: 42, faults: [slow], ...change });
}

/** The error that a call throws, as `CODE: sentence`. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof FaultlineError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('a lease', () => {
  test('ends the set when its time is over, and the epoch is spent', () => {
    expect(put(1)).toMatchObject({ epoch: 1, run: 'r', expiresIn: 10_000 });
    clock.advance(9_999);
    expect(plane.state()).toMatchObject({ run: 'r', expiresIn: 1 });
    clock.advance(1);
    expect(plane.state()).toMatchObject({
      epoch: 1,
      expiresIn: 0,
      faults: [],
      previous: { ended: 'expired', epoch: 1 },
    });
    expect(plane.state().run).toBeUndefined();
    expect(refusal(() => put(1))).toBe(
      'EPOCH_SPENT: Epoch 1 is spent; the highest seen is 1. Use a higher one.',
    );
  });

  test('lives on as long as it is renewed', () => {
    put(1);
    for (let renewal = 0; renewal < 10; renewal++) {
      clock.advance(9_000);
      expect(put(1).expiresIn).toBe(10_000);
    }
    clock.advance(10_000);
    expect(plane.state().faults).toEqual([]);
  });

  test('does not move with the wall clock', () => {
    put(1);
    clock.jumpWall(3_600_000);
    expect(plane.state().expiresIn).toBe(10_000);
  });

  test('ends even where a busy process has not run its timer: a late renewal brings nothing back', () => {
    const stalled = new (class extends FakeClock {
      late = 0;
      override now() {
        return super.now() + this.late;
      }
    })();
    clock = stalled;
    return planeWith({ db: 'tcp' }).then((made) => {
      plane = made;
      put(1);
      stalled.late = 10_000;
      expect(refusal(() => put(1))).toMatch(/^EPOCH_SPENT/);
      expect(plane.state().faults).toEqual([]);
    });
  });

  test.each(['500ms', '6m', 0])('of %s is refused', (lease) => {
    expect(refusal(() => put(1, { lease }))).toBe(
      `BAD_VALUE: "${lease}" is not valid for lease: from 1s to 5m.`,
    );
    expect(plane.state().epoch).toBe(0);
  });
});

describe('epochs', () => {
  test('a higher one replaces the set and starts its counts anew', () => {
    put(1);
    const answer = put(2, { faults: [slow, { ...slow, proxy: 'cache' }] });
    expect(answer).toMatchObject({ epoch: 2, previous: { run: 'r', epoch: 1, ended: 'replaced' } });
    expect(answer.previous?.faults).toHaveLength(1);
    expect(answer.faults.map(({ id }) => id)).toEqual(['latency_downstream', 'latency_downstream_2']);
  });

  test('an older one is refused and changes nothing', () => {
    put(3);
    expect(refusal(() => put(2))).toMatch(/^EPOCH_SPENT/);
    expect(plane.state().epoch).toBe(3);
  });

  test('emptying spends every epoch up to the one named, and leaves a newer set alone', () => {
    put(5);
    expect(plane.emptyFaults(4).run).toBe('r');
    expect(plane.emptyFaults(7)).toMatchObject({
      epoch: 7,
      faults: [],
      previous: { ended: 'emptied', epoch: 5 },
    });
    expect(refusal(() => put(7))).toMatch(/^EPOCH_SPENT: Epoch 7 is spent/);
    expect(put(8).epoch).toBe(8);
  });

  test('emptying without one spends the highest seen', () => {
    put(5);
    plane.emptyFaults();
    expect(refusal(() => put(5))).toMatch(/^EPOCH_SPENT/);
    expect(plane.emptyFaults()).toMatchObject({ epoch: 5, faults: [] });
  });
});

describe('runs', () => {
  test('one holds the leased set at a time', () => {
    put(1);
    clock.advance(4_000);
    expect(refusal(() => put(2, { run: 'other' }))).toBe(
      'OTHER_RUN: Run "r" holds a live lease on this data plane for another 6000 ms.',
    );
    clock.advance(6_000);
    expect(put(2, { run: 'other' }).run).toBe('other');
  });

  test('a request for another data plane is refused', () => {
    expect(refusal(() => put(1, { instance: 'gone' }))).toBe(
      `OTHER_INSTANCE: This data plane is instance ${plane.instance}, not gone: it was restarted.`,
    );
    expect(put(1, { instance: plane.instance }).instance).toBe(plane.instance);
  });
});

describe('a renewal', () => {
  test('changes toxicity and attributes', () => {
    put(1);
    const answer = put(1, { faults: [{ ...slow, toxicity: 0.5, attributes: { latency: '2s' } }] });
    expect(answer.faults[0]).toMatchObject({ toxicity: 0.5, attributes: { latency: 2000, jitter: 0 } });
    expect(answer.previous).toBeUndefined();
  });

  test('finds faults by id, whatever their order', () => {
    const [one, two] = [
      { ...slow, id: 'one' },
      { ...slow, id: 'two', proxy: 'cache' },
    ];
    put(1, { faults: [one, two] });
    const answer = put(1, { faults: [{ ...two, toxicity: 0.2 }, one] });
    expect(answer.faults.map(({ id, toxicity }) => [id, toxicity])).toEqual([
      ['one', 1],
      ['two', 0.2],
    ]);
  });

  test.each<[string, Partial<FaultSetRequest>]>([
    ['another fault', { faults: [slow, slow] }],
    ['no fault', { faults: [] }],
    ['another type', { faults: [{ proxy: 'db', type: 'noop', id: 'latency_downstream' }] }],
    ['another proxy', { faults: [{ ...slow, proxy: 'cache' }] }],
    ['another stream', { faults: [{ ...slow, stream: 'upstream' }] }],
    ['another match', { faults: [{ ...slow, match: { every: 2 } }] }],
    ['another seed', { seed: 43 }],
  ])('with %s is refused and changes nothing', (_, change) => {
    put(1);
    const before = plane.state();
    expect(refusal(() => put(1, change))).toMatch(
      /^BAD_BODY: The body is not valid: a renewal of epoch 1 may/,
    );
    expect(plane.state()).toEqual(before);
  });
});

describe('a fault set is checked whole before anything changes', () => {
  test.each<[string, object]>([
    ['UNKNOWN_FAULT: There is no fault of type "latancy". Did you mean "latency"?', { type: 'latancy' }],
    ['UNKNOWN_PROXY: Proxy "cach" is not declared. Did you mean "cache"?', { proxy: 'cach' }],
    [
      'FAULT_NOT_FOR_PROTOCOL: Fault "http_error" cannot act on proxy "db", which speaks tcp; it acts on http, openai, anthropic, gemini.',
      { type: 'http_error', attributes: {} },
    ],
    [
      'MATCH_NOT_SEEN: Fault "latency" cannot match on "path": it sees client, first, after, every.',
      { match: { path: '/x' } },
    ],
    [
      'BAD_VALUE: "10.0.0.0/40" is not valid for match.client: write an address or a network such as 10.0.0.0/8.',
      { match: { client: '10.0.0.0/40' } },
    ],
    [
      'BAD_VALUE: "0" is not valid for match.every of fault "latency": write a whole number, at least 1.',
      { match: { every: 0 } },
    ],
    [
      'BAD_VALUE: "1.5" is not valid for toxicity of fault "latency": write a number from 0 to 1.',
      { toxicity: 1.5 },
    ],
    [
      'UNKNOWN_KEY: Unknown key "latncy" in attributes of fault "latency". Did you mean "latency"?',
      { attributes: { latncy: 1 } },
    ],
    [
      'BAD_VALUE: "soon" is not valid for attribute "latency" of fault "latency": "soon" is not a duration: write it as 250ms, 4s, 2m or 1h, or as a bare number.',
      { attributes: { latency: 'soon' } },
    ],
    ['BAD_VALUE: "a" is not valid for id of a fault: each id may occur once in a set.', { id: 'a' }],
  ])('%s', (sentence, wrong) => {
    put(1);
    const faults = [{ ...slow, id: 'a' }, { ...slow, ...wrong } as FaultSpec];
    expect(refusal(() => put(2, { faults }))).toBe(sentence);
    expect(plane.state()).toMatchObject({ epoch: 1, run: 'r' });
  });
});

describe('a halt', () => {
  test('empties both sets, opens what was closed by hand, and refuses faults until lifted', async () => {
    put(1);
    const proxy = plane.proxy('db')!;
    proxy.addToxic({ name: 't', type: 'latency', stream: 'downstream', toxicity: 1, attributes: {} });
    plane.halt('the pager went off');
    expect(plane.state()).toMatchObject({
      faults: [],
      previous: { ended: 'halted' },
      halted: { reason: 'the pager went off', since: '2026-01-01T00:00:00.000Z' },
    });
    expect(proxy.toxics).toEqual([]);
    expect(proxy.enabled).toBe(true);
    const halted =
      'HALTED: Halted: the pager went off. Lift it with "faultline halt --lift" when it is safe.';
    expect(refusal(() => put(2))).toBe(halted);
    expect(
      refusal(() =>
        proxy.addToxic({ name: 't', type: 'latency', stream: 'downstream', toxicity: 1, attributes: {} }),
      ),
    ).toBe(halted);
    await expect(proxy.disable()).rejects.toThrow('Halted: the pager went off');
    plane.lift();
    expect(put(2).epoch).toBe(2);
    await plane.close();
  });
});

describe('manual toxics', () => {
  const toxic = {
    name: 't',
    type: 'latency',
    stream: 'downstream' as const,
    toxicity: 1,
    attributes: { latency: 5 },
  };

  test('are a set of their own: leases and emptying leave them alone', () => {
    const proxy = plane.proxy('db')!;
    proxy.addToxic(toxic);
    put(1);
    plane.emptyFaults();
    expect(proxy.toxics).toEqual([{ ...toxic, attributes: { latency: 5, jitter: 0 } }]);
    put(2);
    proxy.removeToxic('t');
    expect(plane.state().faults).toHaveLength(1);
    expect(proxy.toxics).toEqual([]);
  });

  test('are listed upstream first, and changed by what is given', () => {
    const proxy = plane.proxy('db')!;
    proxy.addToxic(toxic);
    proxy.addToxic({ ...toxic, name: 'up', stream: 'upstream' });
    proxy.updateToxic('t', { attributes: { jitter: 3 } });
    proxy.updateToxic('up', { toxicity: 0.5 });
    expect(proxy.toxics).toEqual([
      { ...toxic, name: 'up', stream: 'upstream', toxicity: 0.5, attributes: { latency: 5, jitter: 0 } },
      { ...toxic, attributes: { latency: 5, jitter: 3 } },
    ]);
  });

  test('are refused with values that crash Toxiproxy', () => {
    const proxy = plane.proxy('db')!;
    expect(refusal(() => proxy.addToxic({ ...toxic, type: 'bandwidth', attributes: { rate: -1 } }))).toBe(
      'BAD_VALUE: "-1" is not valid for attribute "rate" of fault "bandwidth": -1 is below 0.',
    );
    expect(refusal(() => proxy.addToxic({ ...toxic, type: 'slicer', attributes: { average_size: 0 } }))).toBe(
      'BAD_VALUE: "0" is not valid for attribute "average_size" of fault "slicer": average_size must be at least 1 byte.',
    );
    expect(proxy.toxics).toEqual([]);
  });

  test('cannot be down: that is a disabled proxy', () => {
    expect(refusal(() => plane.proxy('db')!.addToxic({ ...toxic, type: 'down', attributes: {} }))).toBe(
      'BAD_VALUE: "down" is not valid for type of a toxic: it can only be leased; disable the proxy instead.',
    );
  });
});

describe('observations', () => {
  test('come once a second, and once more just before a new epoch with the final counts of the old', () => {
    const seen: [number, number][] = [];
    const stop = plane.observe(({ epoch, mono, proxies }) => {
      seen.push([mono, epoch]);
      expect(Object.keys(proxies)).toEqual(['db', 'cache']);
    });
    put(1);
    clock.advance(2_500);
    put(2);
    clock.advance(500);
    stop();
    clock.advance(10_000);
    expect(seen).toEqual([
      [0, 0],
      [1000, 1],
      [2000, 1],
      [2500, 1],
      [3000, 2],
    ]);
  });

  test('keep the counts of a set that was taken back until the next epoch', () => {
    put(1);
    plane.emptyFaults();
    const ids = () => Object.keys(plane.observation().proxies.db!.faults);
    expect(ids()).toEqual(['latency_downstream']);
    put(2, { faults: [] });
    expect(ids()).toEqual([]);
  });

  test('cost no timer while nobody listens', () => {
    expect(clock.pending).toBe(0);
    plane.observe(() => {})();
    expect(clock.pending).toBe(0);
  });
});
