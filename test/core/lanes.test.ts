import { expect, test } from 'vitest';
import { inLanes } from '../../src/core/lanes.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('lanes take one item after the other, as many at a time as there are, and answer in the order of the items', async () => {
  let open = 0;
  let most = 0;
  const answers = await inLanes([3, 1, 2, 0], 2, async (turns) => {
    most = Math.max(most, ++open);
    for (let left = turns; left > 0; left--) await turn();
    open -= 1;
    return `after ${turns}`;
  });
  expect(answers).toEqual(['after 3', 'after 1', 'after 2', 'after 0']);
  expect(most).toBe(2);
});

test('lanes begin nothing more once they are stopped', async () => {
  const stop = new AbortController();
  const begun: number[] = [];
  const answers = await inLanes(
    [1, 2, 3],
    1,
    async (item) => {
      begun.push(item);
      if (item === 2) stop.abort();
      return item;
    },
    stop.signal,
  );
  expect([begun, answers]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});
