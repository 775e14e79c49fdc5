import { describe, expect, test } from 'vitest';
import { Parking } from '../../../src/sandbox/platform/resilient/parking.ts';
import { priority, type Work } from '../../../src/sandbox/platform/resilient/priority.ts';
import { decide, LoadShedder, type Running } from '../../../src/sandbox/platform/resilient/shedding.ts';

/** A piece of work that writes down what is done to it. */
function work(name: string, about: Partial<Work> = {}) {
  const told: string[] = [];
  const running: Running = {
    kind: 'execution',
    tier: 'other',
    completion: 30,
    share: 0.01,
    ...about,
    shed: (measure) => told.push(measure),
    resume: () => told.push('resume'),
  };
  return Object.assign(running, { label: name, told });
}

const said = (works: ReturnType<typeof work>[], usage: number) =>
  decide(works, usage).map(
    ({ work: one, measure }) => `${(one as ReturnType<typeof work>).label} ${measure}`,
  );

describe('the priority of work', () => {
  const enterprise: Work = { kind: 'deliverable', tier: 'enterprise', completion: 89, share: 0.15 };

  test('weighs tier, efficiency, completion and impact by 0.4, 0.3, 0.2, 0.1 in an emergency', () => {
    expect(priority(enterprise, 'emergency')).toBeCloseTo(0.4 * 100 + 0.3 * 85 + 0.2 * 89 + 0.1 * 95);
  });

  test('weighs impact, completion, tier and efficiency by 0.3, 0.3, 0.2, 0.2 in degradation', () => {
    expect(priority(enterprise, 'degradation')).toBeCloseTo(0.3 * 95 + 0.3 * 89 + 0.2 * 100 + 0.2 * 85);
  });

  test('takes an impact that is told over that of the kind', () => {
    const told = { ...enterprise, impact: 5 };
    expect(priority(enterprise, 'emergency') - priority(told, 'emergency')).toBeCloseTo(9);
  });
});

describe('shedding', () => {
  const consolidation = () => work('consolidation', { kind: 'consolidation', share: 0.2 });
  const discovery = () => work('discovery', { kind: 'discovery' });
  const telemetry = () => work('telemetry', { kind: 'telemetry' });

  test('does nothing below 80% of capacity', () => {
    expect(said([work('a'), discovery()], 0.79)).toEqual([]);
  });

  test('medium: degrades the heavy, sends discovery to the cache and ends what is dispensable', () => {
    expect(said([work('a'), consolidation(), discovery(), telemetry()], 0.85)).toEqual([
      'consolidation degrade',
      'discovery cache',
      'telemetry end',
    ]);
  });

  test('high: also sheds the least important, and no more than needed', () => {
    const works = [
      work('fresh', { completion: 0, share: 0.05 }),
      work('half done', { completion: 50, share: 0.05 }),
      work('best', { tier: 'enterprise', completion: 90, share: 0.05 }),
    ];
    expect(said(works, 0.92)).toEqual(['fresh checkpoint', 'half done checkpoint', 'best checkpoint']);
    expect(said(works, 0.9)).toEqual(['fresh checkpoint', 'half done checkpoint']);
  });

  test('each kind goes in its own way: consolidation pauses, execution is checkpointed, the rest ends', () => {
    const works = [
      work('other', { kind: 'other', share: 0.05 }),
      work('consolidation', { kind: 'consolidation', share: 0.05 }),
      work('execution', { share: 0.05 }),
    ];
    expect(said(works, 1.2).sort()).toEqual(['consolidation pause', 'execution checkpoint', 'other end']);
  });

  test('the enterprise workspace at 89% that takes 15% is kept, degraded, and only as many small ones wait as must', () => {
    const big = work('enterprise', {
      kind: 'deliverable',
      tier: 'enterprise',
      completion: 89,
      share: 0.15,
    });
    const small = Array.from({ length: 15 }, (_, at) =>
      work(`small ${at}`, { share: 0.02, completion: 2 * at }),
    );
    const decisions = said([...small, big], 1);
    // 15% become 6%; of the 21% that are still too much, small ones of 2% each pay, the least advanced first.
    expect(decisions).toEqual([
      'enterprise degrade',
      ...Array.from({ length: 11 }, (_, at) => `small ${at} checkpoint`),
    ]);
  });
});

describe('the load shedder', () => {
  function shedder(usage = 0) {
    const load = { usage };
    return { load, shedder: new LoadShedder(() => load.usage) };
  }

  test('pauses a consolidation under pressure and resumes it when there is capacity', () => {
    const { load, shedder: it } = shedder(1.1);
    const one = work('consolidation', { kind: 'consolidation', share: 0.04 });
    it.watch(one);
    it.look();
    expect(one.told).toEqual(['pause']);
    expect(it.waiting).toBe(1);
    load.usage = 0.75;
    it.look();
    expect(one.told).toEqual(['pause']);
    load.usage = 0.5;
    it.look();
    expect(one.told).toEqual(['pause', 'resume']);
    expect(it.waiting).toBe(0);
  });

  test('brings back the most important first, and only what there is room for', () => {
    const { load, shedder: it } = shedder(1.5);
    const poor = work('poor', { share: 0.2, completion: 10 });
    const rich = work('rich', { share: 0.2, completion: 10, tier: 'enterprise' });
    it.watch(poor);
    it.watch(rich);
    it.look();
    it.look();
    load.usage = 0.5;
    it.look();
    expect(rich.told.at(-1)).toBe('resume');
    expect(poor.told).not.toContain('resume');
  });

  test('degrades a heavy piece of work once, and takes it back', () => {
    const { load, shedder: it } = shedder(0.85);
    const heavy = work('heavy', { share: 0.2 });
    it.watch(heavy);
    it.look();
    it.look();
    load.usage = 0.1;
    it.look();
    expect(heavy.told).toEqual(['degrade', 'resume']);
  });

  test('forgets work that has ended', () => {
    const { shedder: it } = shedder(1.2);
    const one = work('one');
    it.watch(one)();
    it.look();
    expect(one.told).toEqual([]);
  });

  test.each([
    [0.5, ['other', 'professional', 'enterprise']],
    [0.85, ['other', 'professional', 'enterprise']],
    [0.95, ['professional', 'enterprise']],
    [1.1, ['enterprise']],
  ] as const)('at %d of capacity takes on new work of %j', (usage, tiers) => {
    const { shedder: it } = shedder(usage);
    it.look();
    const admitted = (['other', 'professional', 'enterprise'] as const).filter((tier) =>
      it.admits({ kind: 'execution', tier, completion: 0, share: 0 }),
    );
    expect(admitted).toEqual(tiers);
  });
});

describe('a task that is shed while the AI is asked', () => {
  const task = { id: '7', workspace_id: 1, title: 'Draft', plan: 'starter' };
  const answer = { content: 'x', finishReason: 'stop' };

  function parking(share = 0.02) {
    const load = { usage: 0 };
    const shedder = new LoadShedder(() => load.usage);
    const back: string[] = [];
    let now = 0;
    const it = new Parking({ shedder, share, giveBack: (id) => back.push(id), now: () => now });
    return { it, shedder, load, back, pass: (ms: number) => (now += ms) };
  }
  /** A question that is answered when told. */
  function question() {
    let asked = 0;
    let settle = (_: typeof answer | Error) => {};
    const ask = () => {
      asked++;
      return new Promise<typeof answer>((resolve, reject) => {
        settle = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
      });
    };
    return { ask, end: (outcome: typeof answer | Error) => settle(outcome), asked: () => asked };
  }

  test('goes out of the way, and on with the same question when there is capacity again', async () => {
    const { it, shedder, load, back } = parking();
    const one = question();
    const first = it.hold(task, one.ask);
    load.usage = 1.2;
    shedder.look();
    expect(await first).toBe('parked');
    expect([it.count, back]).toEqual([1, []]);
    one.end(answer);
    load.usage = 0.3;
    shedder.look();
    expect(back).toEqual(['7']);
    expect(await it.hold(task, one.ask)).toBe(answer);
    expect([one.asked(), it.count, shedder.waiting]).toEqual([1, 0, 0]);
  });

  test('is asked about once more when the question failed meanwhile', async () => {
    const { it, shedder, load } = parking();
    const one = question();
    const first = it.hold(task, one.ask);
    load.usage = 1.2;
    shedder.look();
    await first;
    one.end(new Error('provider down'));
    await expect(it.hold(task, one.ask)).rejects.toThrow('provider down');
    const again = it.hold(task, one.ask);
    one.end(answer);
    expect(await again).toBe(answer);
    expect(one.asked()).toBe(2);
  });

  test('is no longer shed once its answer is there', async () => {
    const { it, shedder, load } = parking();
    const one = question();
    const first = it.hold(task, one.ask);
    one.end(answer);
    expect(await first).toBe(answer);
    load.usage = 1.2;
    shedder.look();
    expect([it.count, shedder.waiting]).toEqual([0, 0]);
  });

  test('is kept before others that have only begun', async () => {
    const { it, shedder, load, pass } = parking(0.05);
    const usual = question();
    const first = it.hold({ ...task, id: '1' }, usual.ask);
    pass(1000);
    usual.end(answer);
    await first;
    const oldest = question();
    const nearlyDone = it.hold({ ...task, id: '2' }, oldest.ask);
    pass(900);
    const begun = ['3', '4'].map((id) => it.hold({ ...task, id }, question().ask));
    load.usage = 0.9;
    shedder.look();
    expect(await Promise.all(begun)).toEqual(['parked', 'parked']);
    oldest.end(answer);
    expect(await nearlyDone).toBe(answer);
  });
});
