import { describe, expect, test } from 'vitest';
import { starterExperiment } from '../../src/experiments/init.ts';
import { planOf } from '../support/experiment-files.ts';

describe('the experiment to start from', () => {
  test('loads without a change and without any other file', () => {
    const plan = planOf({ 'experiment.yaml': starterExperiment('experiment.yaml') });
    expect(plan.steps.map(({ faults }) => faults.length)).toEqual([1, 1]);
  });

  test('still loads when its commented parts are used', () => {
    const text = starterExperiment('experiment.yaml').replace('# load:', 'load:');
    expect(planOf({ 'experiment.yaml': text }).load?.rate).toBe(20);
  });

  test.each([
    ['experiments/redis-latency.yaml', 'redis-latency'],
    ['My Experiment (2).yml', 'my-experiment-2'],
    ['données.yaml', 'donn-es'],
    ['.yaml', 'experiment'],
    [`${'long-'.repeat(40)}.yaml`, `${'long-'.repeat(40)}`.slice(0, 63)],
  ])('is named after its file: %s gives %s', (file, name) => {
    expect(planOf({ 'experiment.yaml': starterExperiment(file) }).name).toBe(name);
  });
});
