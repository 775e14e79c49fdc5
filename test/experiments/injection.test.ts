import { describe, expect, it } from 'vitest';
import type { CountedFault } from '../../src/core/fault.ts';
import type { JournalEvent } from '../../src/core/journal.ts';
import { injectedMet, missedInjections, notUndone } from '../../src/experiments/injection.ts';
import { FAULTS } from '../../src/faults/index.ts';
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
    expect(notUndone([error({ ...values, at: 'startup', sqlstate: '57P01' })])).toEqual([]);
    expect(notUndone([error({ ...values, sqlstate: '40001' })])).toEqual([
      '2 statements failed by pg_error on db, and transactions that held one were rolled back',
    ]);
    expect(notUndone([error({ ...values, sqlstate: '57P01' })])).toEqual([
      '2 connections were ended by pg_error on db, and transactions open on them rolled back',
    ]);
  });
});

describe('every fault of the catalogue', () => {
  const lasting: Readonly<Record<string, string>> = {
    corrupt: '2 connections carried bytes changed by corrupt on web, and ended when it was taken back',
    down: '2 connections were ended by down on web',
    kill: '2 connections were ended by kill on web',
    limit_data: '2 connections were ended by limit_data on web',
    reset_peer: '2 connections were ended by reset_peer on web',
    timeout: '2 connections lost data or fell silent, and ended, by timeout on web',
    http_abort: '2 requests were ended by http_abort on web',
    http_truncate: '2 answers ended early as if whole, by http_truncate on web',
    ai_stream_cut: '2 requests were ended by ai_stream_cut on web',
    pg_error: '2 statements failed by pg_error on web, and transactions that held one were rolled back',
    pg_kill: '2 connections were ended by pg_kill on web, and transactions open on them rolled back',
    pg_lost_ack: '2 statements happened whose answers were never delivered, by pg_lost_ack on web',
    pg_read_only:
      '2 statements failed by pg_read_only on web, and transactions that held one were rolled back',
    redis_kill: '2 connections were ended by redis_kill on web',
    redis_lost_ack: '2 commands happened whose answers were never delivered, by redis_lost_ack on web',
  };

  it.each([...FAULTS.values()].map((fault) => [fault.type, fault] as const))(
    '%s tells what it leaves, or nothing',
    (type, fault) => {
      const attributes = fault.attributes.parse({}) as NonNullable<CountedFault['attributes']>;
      expect(notUndone([{ ...count(type, 2), attributes }])).toEqual(lasting[type] ? [lasting[type]] : []);
    },
  );

  it.each(Object.keys(lasting))('%s says in its own words that some of it stays', (type) => {
    expect(FAULTS.get(type)!.undo).toMatch(/stay|are closed|are rolled back|those closed/);
  });
});

describe('a fault that met only encrypted connections', () => {
  const events = (skipped: CountedFault['skipped'], injected = 0) => {
    const step = slow('s', { injected: { operator: '>=', bound: 5 } });
    const counts = [{ ...count('latency', injected), skipped }];
    return [
      { type: 'run-started', plan: { steps: [step] } },
      { type: 'step-ended', step: 0, injectedMet: false, counts },
    ] as unknown as readonly JournalEvent[];
  };
  const missed = 'fault 1.1 (latency on web) was injected 0 times of 0 matched, expected >= 5, in step 1 "s"';

  it('is told of with what to do', () => {
    expect(missedInjections(events({ encrypted: 3 }))).toEqual([
      `${missed}: its connections are encrypted end to end: give the proxy \`tls.listen\`, or set sslmode=disable in the client`,
    ]);
  });

  it('is not taken for one that met nothing, or met others too', () => {
    expect(missedInjections(events({ toxicity: 3 }))).toEqual([missed]);
    expect(missedInjections(events({ encrypted: 3 }, 2)).join()).not.toContain('encrypted');
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
