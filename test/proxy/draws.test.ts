import { describe, expect, test } from 'vitest';
import type { Match } from '../../src/core/fault.ts';
import { FAULTS } from '../../src/faults/index.ts';
import { FaultInForce } from '../../src/proxy/active-fault.ts';
import { glob } from '../../src/proxy/match.ts';

const facts = { client: '127.0.0.1' };

function fault({
  toxicity = 1,
  match,
  seed = 1,
  proxy = 'p',
}: {
  toxicity?: number;
  match?: Match;
  seed?: number;
  proxy?: string;
}) {
  return new FaultInForce(
    {
      id: 'f',
      proxy,
      definition: FAULTS.get('latency')!,
      stream: 'downstream',
      toxicity,
      match,
      attributes: { latency: 0, jitter: 0 },
    },
    seed,
    'leased',
  );
}

/** Numbers of the units, of `count`, that the fault takes. */
function taken(of: FaultInForce, count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter(() => of.take(facts));
}

describe('numbering', () => {
  test.each<[string, Match, number[]]>([
    ['takes all by default', {}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['skips the first', { after: 7 }, [8, 9, 10]],
    ['takes one in so many, beginning with the first', { every: 4 }, [1, 5, 9]],
    ['stops after so many', { first: 2 }, [1, 2]],
    ['skips, then takes one in so many, then stops', { after: 2, every: 3, first: 2 }, [3, 6]],
    ['takes none with first 0', { first: 0 }, []],
  ])('%s', (_, match, numbers) => {
    expect(taken(fault({ match }), 10)).toEqual(numbers);
  });

  test('counts what passed the match, and says what the toxicity spared', () => {
    const half = fault({ toxicity: 0.5, match: { client: '127.0.0.0/8', after: 10 } });
    const hits = taken(half, 1010).length;
    half.take({ client: '10.1.1.1' });
    expect(half.counts).toEqual({ matched: 1010, injected: 0, skipped: { toxicity: 1000 - hits } });
    expect(hits).toBeGreaterThan(420);
    expect(hits).toBeLessThan(580);
  });
});

describe('draws', () => {
  test('are the same for the same seed, proxy and order of units', () => {
    expect(taken(fault({ toxicity: 0.3 }), 200)).toEqual(taken(fault({ toxicity: 0.3 }), 200));
  });

  test('differ by seed and by proxy', () => {
    const base = taken(fault({ toxicity: 0.3 }), 200);
    expect(taken(fault({ toxicity: 0.3, seed: 2 }), 200)).not.toEqual(base);
    expect(taken(fault({ toxicity: 0.3, proxy: 'q' }), 200)).not.toEqual(base);
  });

  test('are kept, so that a rising toxicity only adds and a falling one only releases', () => {
    const ramped = fault({ toxicity: 0 });
    const draws = Array.from({ length: 300 }, () => ramped.draw(facts)!);
    let before = new Set<number>();
    for (const toxicity of [0.1, 0.4, 0.9, 1]) {
      ramped.change({ toxicity });
      const hit = new Set(draws.flatMap((draw, index) => (draw.hit ? [index] : [])));
      expect([...before].every((index) => hit.has(index))).toBe(true);
      expect(hit.size).toBeGreaterThan(before.size);
      before = hit;
    }
    expect(before.size).toBe(300);
    ramped.change({ toxicity: 0 });
    expect(draws.some(({ hit }) => hit)).toBe(false);
  });

  test('give each unit a random sequence of its own', () => {
    const sequence = (of: FaultInForce) =>
      [of.take(facts)!, of.take(facts)!].map((unit) => [unit.random(), unit.random()]);
    const [first, second] = sequence(fault({}));
    expect(sequence(fault({}))).toEqual([first, second]);
    expect(new Set([...first!, ...second!]).size).toBe(4);
  });

  test('count an injection once however often a unit says so', () => {
    const one = fault({});
    const unit = one.take(facts)!;
    unit.injected();
    unit.injected();
    expect(one.counts.injected).toBe(1);
  });
});

describe('match', () => {
  test.each<[string, Match, object, boolean]>([
    ['an address', { client: '10.0.0.1' }, { client: '10.0.0.1' }, true],
    ['another address', { client: '10.0.0.1' }, { client: '10.0.0.2' }, false],
    ['a network', { client: '10.0.0.0/8' }, { client: '10.9.9.9' }, true],
    ['an IPv6 network', { client: 'fd00::/8' }, { client: 'fd12::1' }, true],
    ['an IPv4 network and an IPv6 client', { client: '0.0.0.0/0' }, { client: '::1' }, false],
    ['a method in other letters', { method: 'post' }, { method: 'POST' }, true],
    ['a path glob', { path: '/v1/*' }, { path: '/v1/chat/completions' }, true],
    ['a path that only begins so', { path: '/v1' }, { path: '/v1/chat' }, false],
    ['a header in other letters', { headers: { 'X-Team': 'a?' } }, { headers: { 'x-team': 'ab' } }, true],
    ['one of several values', { headers: { a: '2' } }, { headers: { a: ['1', '2'] } }, true],
    ['an absent header', { headers: { a: '*' } }, { headers: {} }, false],
    ['a model', { model: 'gpt-4*' }, { model: 'gpt-4o' }, true],
    ['an unknown model', { model: '*' }, {}, false],
    ['all keys at once', { method: 'GET', path: '/b' }, { method: 'GET', path: '/a' }, false],
  ])('%s', (_, match, seen, passes) => {
    expect(fault({ match }).take({ ...facts, ...seen }) !== undefined).toBe(passes);
  });

  test('takes every character of a glob but * and ? for itself', () => {
    expect(glob('/a.b+(c)')('/a.b+(c)')).toBe(true);
    expect(glob('/a.b')('/axb')).toBe(false);
    expect(glob('a*c')('a\nb\nc')).toBe(true);
  });

  test('stays fast on a glob made to be slow', () => {
    const began = performance.now();
    expect(glob(`${'*'.repeat(50)}b`)('a'.repeat(20_000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
