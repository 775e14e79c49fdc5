import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness, planOf, slow } from './support/harness.ts';

const STEPS = planOf([slow('one'), slow('two'), slow('three')]);

let lab: Harness;
beforeEach(() => {
  lab = new Harness();
});
afterEach(() => lab.close());

/** Steps are let go at once, but for those with an answer of their own. */
function asked(answers: Readonly<Record<string, Promise<'play' | 'skip'>>> = {}) {
  const names: string[] = [];
  return {
    names,
    beforeStep: ({ name }: { name: string }) => {
      names.push(name);
      return answers[name] ?? Promise.resolve('play' as const);
    },
  };
}

function later(): { readonly answer: Promise<'play' | 'skip'>; say(answer: 'play' | 'skip'): void } {
  let say: (answer: 'play' | 'skip') => void = () => {};
  const answer = new Promise<'play' | 'skip'>((resolve) => {
    say = resolve;
  });
  return { answer, say: (said) => say(said) };
}

describe('a run whose steps somebody holds', () => {
  it('asks before each step, and changes steps in one swap where the answer comes at once', async () => {
    const { names, beforeStep } = asked();
    const { verdict } = await lab.run(STEPS, {}, { beforeStep });
    expect(names).toEqual(['one', 'two', 'three']);
    expect(verdict).toBe('held');
    expect(lab.story()).not.toContain('step-held');
    // Only the rollback empties.
    expect(lab.plane.calls.filter((call) => call.startsWith('empty'))).toHaveLength(1);
  });

  it('takes the faults back while a step is held, says so, and plays it when it is let go', async () => {
    const hold = later();
    let inForce: boolean | undefined;
    const { verdict } = await lab.run(
      STEPS,
      {
        17000: () => {
          inForce = lab.plane.set !== undefined;
        },
        60000: () => hold.say('play'),
      },
      { beforeStep: asked({ two: hold.answer }).beforeStep },
    );
    expect(inForce).toBe(false);
    expect(lab.of('step-held')).toMatchObject([
      { step: 1, outcome: 'waiting' },
      { step: 1, outcome: 'released', waitedMs: expect.any(Number) },
    ]);
    expect(lab.of('step-held')[1]!.waitedMs).toBeGreaterThan(40_000);
    expect(lab.of('step-ended').map(({ step }) => step)).toEqual([0, 1, 2]);
    expect(verdict).toBe('held');
  });

  it('leaves a step out, and holds by the others', async () => {
    const { beforeStep } = asked({ two: Promise.resolve('skip') });
    const { verdict, sentence } = await lab.run(STEPS, {}, { beforeStep });
    expect(lab.of('step-skipped')).toMatchObject([{ step: 1 }]);
    expect(lab.of('step-applied').map(({ step }) => step)).toEqual([0, 2]);
    expect(verdict).toBe('held');
    expect(sentence).toContain('left out by hand: step 2 "two"');
  });

  it('watches under its monitor also when the first step was left out', async () => {
    const { beforeStep } = asked({ one: Promise.resolve('skip') });
    const { verdict } = await lab.run(
      STEPS,
      { 8000: () => lab.probe.answer({ ok: true, status: 503, ms: 5 }) },
      { beforeStep },
    );
    expect(verdict).toBe('aborted');
  });

  it('is inconclusive when every step was left out', async () => {
    const { verdict, sentence, exit } = await lab.run(
      STEPS,
      {},
      { beforeStep: () => Promise.resolve('skip') },
    );
    expect([verdict, exit]).toEqual(['inconclusive', 5]);
    expect(sentence).toContain('every step was left out by hand');
    expect(lab.plane.calls.some((call) => call.startsWith('apply'))).toBe(false);
  });

  it('is stopped at once while it is held', async () => {
    let stoppedAt = 0;
    const { verdict, sentence } = await lab.run(
      STEPS,
      {
        20000: () => {
          stoppedAt = lab.clock.now();
          lab.abort.abort({ cause: 'halt', text: 'enough' });
        },
      },
      { beforeStep: asked({ two: later().answer }).beforeStep },
    );
    expect([verdict, sentence.split(';')[0]]).toEqual(['inconclusive', expect.stringContaining('enough')]);
    const [started] = lab.of('rollback-started');
    expect(started!.mono - stoppedAt).toBeLessThan(200);
  });

  it('plays on when whoever holds it cannot be asked any more', async () => {
    const { verdict } = await lab.run(STEPS, {}, { beforeStep: () => Promise.reject(new Error('gone')) });
    expect(verdict).toBe('held');
  });
});
