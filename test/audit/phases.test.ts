import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/audit/contract.ts';
import { assess, findingsOf } from '../../src/audit/judge.ts';
import { planPhases } from '../../src/audit/phases.ts';
import { answer, flaw } from './support.ts';

function planned(...answers: readonly Answer[]) {
  const checks = assess(answers, { attestations: [], optional: {} }, 0);
  return planPhases(findingsOf(answers), checks, 'faultline audit suite.yaml');
}

describe('the plan', () => {
  test('has four phases of two weeks', () => {
    expect(planned().map(({ title, weeks }) => `${weeks}: ${title}`)).toEqual([
      'weeks 1 and 2: Security and stability',
      'weeks 3 and 4: Scalability and performance',
      'weeks 5 and 6: Observability and operations',
      'weeks 7 and 8: Load testing and validation',
    ]);
  });

  test.each([
    ['api-security', 'high', 0],
    ['failure-modes', 'high', 0],
    ['data-consistency', 'medium', 0],
    ['vendor-dependencies', 'high', 0],
    ['memory-leaks', 'high', 1],
    ['performance-under-load', 'low', 1],
    ['alerting', 'high', 2],
    ['backup-restoration', 'medium', 2],
    ['memory-leaks', 'critical', 0],
    ['deployment', 'critical', 0],
  ] as const)('mends %s, %s, in phase %i', (check, severity, phase) => {
    const phases = planned(answer(check, { flaws: [flaw(severity)] }));
    expect(phases.slice(0, 3).map(({ items }) => items.length)).toEqual(
      [0, 1, 2].map((index) => +(index === phase)),
    );
    expect(phases[phase]!.items[0]).toMatchObject({ severity, action: `mend ${severity}` });
  });

  test('mends findings of one remedy in one go, as grave as the gravest', () => {
    const flaws = [flaw('medium', 'a', 'set time-outs'), flaw('high', 'b', 'set time-outs')];
    const [first] = planned(answer('failure-modes', { flaws }));
    expect(first!.items).toEqual([
      {
        severity: 'high',
        action: 'set time-outs',
        mends: ['failure-modes/asks-failure-modes/b', 'failure-modes/asks-failure-modes/a'],
        retest: ['faultline audit suite.yaml'],
      },
    ]);
  });

  test('ends with assessing what was not, and playing all of it again', () => {
    const { items } = planned(answer('privacy', { flaws: [flaw('high')] })).at(-1)!;
    expect(items).toHaveLength(15);
    expect(items[0]!.action).toMatch(/^Assess scalability limits by the load profiles "stress" and "spike"/);
    expect(items.at(-1)).toMatchObject({
      mends: ['privacy/asks-privacy/high'],
      retest: ['faultline audit suite.yaml'],
    });
  });
});
