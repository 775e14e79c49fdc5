import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../src/proxy/clients/attempt.ts';
import { Digester } from '../../../src/proxy/clients/digest.ts';
import {
  ABANDONED,
  ClientWatch,
  type Ending,
  FAILED,
  TRUNCATED,
  WHOLE,
} from '../../../src/proxy/clients/watch.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { waitsOf } from './backoff.ts';

function stage() {
  const clock = new FakeClock();
  const watch = new ClientWatch(clock);
  const send = (request: string, { part, retry }: { part?: string; retry?: boolean } = {}): Attempt => {
    const attempt = watch.begin();
    const known = part === undefined ? undefined : new Digester().text(part);
    watch.known(attempt, new Digester().text(request), known, retry);
    return attempt;
  };
  return {
    clock,
    watch,
    send,
    /** Sends a request whose answer takes 10 ms. */
    round(request: string, ending: Ending, options: { retry?: boolean } = {}) {
      const attempt = send(request, options);
      clock.advance(10);
      watch.end(attempt, ending);
    },
  };
}

describe('a client whose request failed', () => {
  it('is seen to come again, after its first failure, its second, and all later ones', () => {
    const { clock, watch, round } = stage();
    for (const wait of [100, 200, 400, 800]) {
      round('a', FAILED);
      clock.advance(wait);
    }
    round('a', WHOLE);
    const { failed, followed, backoff, longestChain } = watch.observe();
    expect({ failed, followed, longestChain }).toEqual({ failed: 4, followed: 4, longestChain: 5 });
    expect(backoff.map(waitsOf)).toMatchObject([{ count: 1 }, { count: 1 }, { count: 2 }]);
    expect(waitsOf(backoff[0]).maxMs).toBeCloseTo(100, -1);
    expect(waitsOf(backoff[1]).maxMs).toBeCloseTo(200, -1);
    expect(waitsOf(backoff[2]).maxMs).toBeCloseTo(800, -1);
  });

  it('is not seen in another request', () => {
    const { watch, round } = stage();
    round('a', FAILED);
    round('b', WHOLE);
    expect(watch.observe()).toMatchObject({ failed: 1, followed: 0, longestChain: 1, backoff: ['', '', ''] });
  });

  it('is not seen after more than a minute', () => {
    const { clock, watch, round } = stage();
    round('a', FAILED);
    clock.advance(60_001);
    round('a', FAILED);
    expect(watch.observe()).toMatchObject({ failed: 2, followed: 0, longestChain: 1 });
  });

  it('begins a new row once it was answered well', () => {
    const { watch, round } = stage();
    for (const ending of [FAILED, WHOLE, FAILED, WHOLE]) round('a', ending);
    expect(watch.observe()).toMatchObject({ failed: 2, followed: 2, longestChain: 2 });
  });

  it('follows each failure once, however many of the same there are at once', () => {
    const { clock, watch, send } = stage();
    const first = [send('a'), send('a'), send('a')];
    for (const attempt of first) watch.end(attempt, FAILED);
    clock.advance(500);
    for (const attempt of [send('a'), send('a'), send('a'), send('a')]) watch.end(attempt, WHOLE);
    expect(watch.observe()).toMatchObject({ failed: 3, followed: 3, longestChain: 2, duplicates: 4 });
  });

  it('is known where the one before failed before its body was here', () => {
    const { watch, send } = stage();
    watch.end(send('head'), FAILED);
    watch.end(send('head and body', { part: 'head' }), WHOLE);
    expect(watch.observe()).toMatchObject({ failed: 1, followed: 1 });
  });

  it.each([
    ['kept', 1000, { told: 1, kept: 1, early: 0 }],
    ['kept, but for what clocks differ', 905, { told: 1, kept: 1, early: 0 }],
    ['not kept', 895, { told: 1, kept: 0, early: 1 }],
  ])('was told when to come again: %s', (_, after, retryAfter) => {
    const { clock, watch, round } = stage();
    round('a', { fate: 'failed', waitMs: 1000 });
    clock.advance(after);
    round('a', WHOLE);
    expect(watch.observe()).toMatchObject({ failed: 1, followed: 1, retryAfter });
  });

  it('is awaited for a minute after the time that it was told', () => {
    const { clock, watch, round } = stage();
    round('a', { fate: 'failed', waitMs: 90_000 });
    clock.advance(91_000);
    round('a', WHOLE);
    expect(watch.observe()).toMatchObject({ followed: 1, retryAfter: { told: 1, kept: 1, early: 0 } });
  });
});

describe('a request that comes while the same is under way', () => {
  it('is a duplicate, and follows none', () => {
    const { watch, send } = stage();
    const first = send('a');
    const second = send('a');
    watch.end(first, WHOLE);
    watch.end(second, WHOLE);
    expect(watch.observe()).toMatchObject({ failed: 0, followed: 0, duplicates: 2, open: 0 });
  });
});

describe('a request that comes again after good answers too', () => {
  const habit = () => {
    const staged = stage();
    for (let round = 0; round < 5; round++) {
      staged.round('poll', WHOLE);
      staged.clock.advance(1000);
    }
    return staged;
  };

  it('is not taken for one that comes because it failed', () => {
    const { clock, watch, round } = habit();
    round('poll', FAILED);
    clock.advance(1000);
    round('poll', FAILED);
    expect(watch.observe()).toMatchObject({ failed: 0, followed: 0, longestChain: 0 });
  });

  it('is, where it comes much sooner than it would have', () => {
    const { clock, watch, round } = habit();
    round('poll', FAILED);
    clock.advance(50);
    round('poll', WHOLE);
    expect(watch.observe()).toMatchObject({ failed: 1, followed: 1, longestChain: 2 });
  });

  it('is, where it says so', () => {
    const { clock, watch, round } = habit();
    round('poll', FAILED);
    clock.advance(1000);
    round('poll', WHOLE, { retry: true });
    expect(watch.observe()).toMatchObject({ failed: 1, followed: 1 });
  });
});

describe('what else is seen of clients', () => {
  it('is what they gave up, and how old that was', () => {
    const { clock, watch, send } = stage();
    const attempt = send('a');
    clock.advance(2000);
    watch.end(attempt, ABANDONED);
    watch.end(attempt, WHOLE);
    const { abandoned, failed } = watch.observe();
    expect(failed).toBe(1);
    expect(abandoned.count).toBe(1);
    expect(waitsOf(abandoned.age).maxMs).toBeCloseTo(2000, -2);
  });

  it('is whether they came again for an answer that broke off well', () => {
    const { watch, round } = stage();
    round('a', TRUNCATED);
    round('a', WHOLE);
    round('b', TRUNCATED);
    expect(watch.observe()).toMatchObject({ failed: 0, followed: 0, truncated: { count: 2, followed: 1 } });
  });

  it('is what is under way, and the age of the oldest', () => {
    const { clock, watch, send } = stage();
    const [first, second, third] = ['a', 'b', 'c'].map((request) => {
      clock.advance(100);
      return send(request);
    });
    watch.end(second!, WHOLE);
    expect(watch.observe()).toMatchObject({ open: 2, oldestMs: 200 });
    watch.end(first!, WHOLE);
    expect(watch.observe()).toMatchObject({ open: 1, oldestMs: 0 });
    watch.end(third!, WHOLE);
    expect(watch.observe()).toMatchObject({ open: 0, oldestMs: 0 });
  });
});

describe('a new epoch', () => {
  it('counts anew, and leaves what failed before it to the one before', () => {
    const { watch, send, round } = stage();
    round('a', FAILED);
    const open = send('b');
    watch.newEpoch();
    round('a', FAILED);
    expect(watch.observe()).toMatchObject({ failed: 1, followed: 0, longestChain: 2, open: 1 });
    watch.end(open, WHOLE);
  });
});

describe('the memory of requests', () => {
  it('keeps what failed while ten thousand others pass, and forgets it among as many that failed', () => {
    const { watch, round, send } = stage();
    round('kept', FAILED);
    for (let other = 0; other < 20_000; other++) watch.end(send(`good ${other}`), WHOLE);
    round('kept', WHOLE);
    expect(watch.observe()).toMatchObject({ failed: 1, followed: 1 });
    round('lost', FAILED);
    for (let other = 0; other < 10_000; other++) watch.end(send(`bad ${other}`), FAILED);
    round('lost', WHOLE);
    expect(watch.observe()).toMatchObject({ failed: 10_002, followed: 1 });
  });
});
