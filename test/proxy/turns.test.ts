import { expect, test } from 'vitest';
import { inTurns, inTurnsAfterThis } from '../../src/proxy/turns.ts';
import { until } from '../support/until.ts';

/** Keeps the process busy, as thousands of system calls do. */
function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

test('a few acts take place in the call that asks for them, and so do a few of the next turn', async () => {
  const done: number[] = [];
  inTurns(() => done.push(1));
  inTurns(() => done.push(2));
  expect(done).toEqual([1, 2]);
  await nextTurn();
  inTurns(() => done.push(3));
  expect(done).toEqual([1, 2, 3]);
});

test('what is for after this waits until this is over, and what comes behind it too', async () => {
  await nextTurn();
  const done: number[] = [];
  inTurnsAfterThis(() => done.push(1));
  inTurns(() => done.push(2));
  expect(done).toEqual([]);
  await until('both are done', () => done.length === 2);
  expect(done).toEqual([1, 2]);
});

test('many acts keep their order and let other events have their turn, whatever each leads to', async () => {
  await nextTurn();
  const done: number[] = [];
  let others = 0;
  const other = setInterval(() => others++, 1);
  for (let act = 0; act < 100; act++) {
    inTurns(() => {
      done.push(act);
      // Work that begins only once a promise is settled is part of an act.
      void Promise.resolve().then(() => busy(2));
    });
  }
  await until('all are done', () => done.length === 100);
  clearInterval(other);
  expect(done).toEqual(Array.from({ length: 100 }, (_, act) => act));
  expect(others).toBeGreaterThan(3);
});
