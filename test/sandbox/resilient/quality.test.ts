import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Quality, STEPS } from '../../../src/sandbox/platform/resilient/quality.ts';
import { ReviewedAi } from '../../../src/sandbox/platform/resilient/review.ts';
import { meters, TASK } from './support.ts';

describe('quality under pressure', () => {
  beforeEach(() => void vi.spyOn(console, 'log').mockReturnValue());
  afterEach(() => void vi.restoreAllMocks());

  const taken = (quality: Quality) => STEPS.map(({ name }) => name).filter((name) => quality.has(name));

  test('is lowered step by step, and all of it is taken back', async () => {
    const { metrics, value } = meters();
    const quality = new Quality(metrics);
    const at = (pressure: number) => {
      quality.adjust(pressure);
      return taken(quality);
    };
    expect(at(0.49)).toEqual([]);
    expect(at(0.5)).toEqual(['shallower-consolidation']);
    expect(at(0.65)).toEqual(['shallower-consolidation', 'smaller-model']);
    expect(at(0.9)).toHaveLength(4);
    expect([quality.consolidationDepth, quality.parallelism]).toEqual([0.6, 0.7]);
    expect(await value('quality_saved_share')).toBeCloseTo(1 - 0.6 * 0.4 * 0.75 * 0.7);
    expect(await value('quality_lost_share')).toBeCloseTo(1 - 0.92 * 0.85 * 0.8);
    expect(at(0.75), 'not back at once').toHaveLength(4);
    expect(at(0)).toEqual([]);
    expect([quality.consolidationDepth, quality.parallelism]).toEqual([1, 1]);
    expect(await value('quality_saved_share')).toBe(0);
    expect(await value('quality_changes_total', { to: 'back' })).toBe(4);
  });

  test('is lowered ahead of a pressure that is foreseen, until that is called off', () => {
    const quality = new Quality(meters().metrics);
    quality.foresee(0.65);
    quality.adjust(0.1);
    expect(taken(quality)).toEqual(['shallower-consolidation', 'smaller-model']);
    quality.foresee(0);
    quality.adjust(0.1);
    expect(taken(quality)).toEqual([]);
  });

  test('has one answer in ten checked, and none while that is off', async () => {
    let asked = 0;
    let allowed = true;
    const answer = { content: 'x', finishReason: 'stop' };
    const ask = async () => {
      asked++;
      throw new Error('the check fails, the answer stands');
    };
    const ai = new ReviewedAi({ answer: async () => answer }, ask, () => allowed, meters().metrics);
    for (let n = 0; n < 20; n++) expect(await ai.answer(TASK)).toBe(answer);
    expect(asked).toBe(2);
    allowed = false;
    for (let n = 0; n < 20; n++) await ai.answer(TASK);
    expect(asked).toBe(2);
  });
});
