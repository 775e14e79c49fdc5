import { describe, expect, it } from 'vitest';
import type { CountedFault } from '../../src/core/fault.ts';
import { injectedMet, notUndone } from '../../src/experiments/injection.ts';
import { slow } from './support/harness.ts';

const count = (type: string, injected: number, proxy = 'web'): CountedFault => ({
  id: '1.1',
  proxy,
  type,
  matched: injected,
  injected,
  skipped: {},
});

describe('what no rollback can undo', () => {
  it('is told by fault and proxy, added up over the steps', () => {
    expect(notUndone([count('kill', 7), count('kill', 5), count('http_abort', 1, 'api')])).toEqual([
      '12 connections were ended by kill on web',
      '1 request was ended by http_abort on api',
    ]);
  });

  it('leaves out faults that end no connection, and those that did not act', () => {
    expect(notUndone([count('latency', 9), count('kill', 0), count('unheard_of', 3)])).toEqual([]);
  });

  it('asks a fault whose values tell whether it ends connections', () => {
    const error = (attributes: CountedFault['attributes']) => ({
      ...count('pg_error', 2, 'db'),
      attributes: attributes!,
    });
    const values = { message: '', severity: 'auto', at: 'statement' };
    expect(notUndone([error({ ...values, sqlstate: '40001' })])).toEqual([]);
    expect(notUndone([error({ ...values, sqlstate: '57P01' })])).toEqual([
      '2 connections were ended by pg_error on db',
    ]);
  });
});

describe('the proof of injection', () => {
  it('asks for each fault of a step by itself', () => {
    const step = slow('s', { injected: { operator: '>=', bound: 20 } });
    expect(injectedMet(step, [count('latency', 20)])).toBe(true);
    expect(injectedMet(step, [count('latency', 19)])).toBe(false);
    expect(injectedMet(step, [])).toBe(false);
    expect(injectedMet(step, [{ ...count('latency', 50), id: '9.9' }])).toBe(false);
  });
});
