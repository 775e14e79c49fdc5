import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { linkEnds } from '../../src/proxy/link-end.ts';
import { until } from '../support/until.ts';

describe('the two ends of a link', () => {
  test('hand each other what is written, with back-pressure, and ends', async () => {
    const { near, far } = linkEnds();
    const chunk = Buffer.alloc(10_000, 'x');
    let written = 0;
    while (near.write(chunk)) written++;
    let received = 0;
    far.on('data', (data: Buffer) => {
      received += data.length;
    });
    await once(near, 'drain');
    near.end();
    await once(far, 'end');
    expect(received).toBe((written + 1) * chunk.length);
    far.end('answer');
    const [answer] = await once(near, 'data');
    expect(String(answer)).toBe('answer');
    await until('both are closed', () => near.destroyed && far.destroyed);
  });

  test.each([
    ['destroySoon', 'fin'],
    ['resetAndDestroy', 'rst'],
  ] as const)('%s asks for a close by %s behind what was written', async (method, how) => {
    const { near, far } = linkEnds();
    const [received, ended] = [once(far, 'data'), once(far, 'end')];
    near.write('all of it');
    near[method]();
    expect(String((await received)[0])).toBe('all of it');
    await ended;
    expect(far.closing).toBe(how);
  });

  test('are both gone when the client goes', async () => {
    const { near, far } = linkEnds();
    far.destroy();
    await once(near, 'close');
  });

  test('do not hang a writer whose reader is gone', async () => {
    const { near, far } = linkEnds();
    while (near.write(Buffer.alloc(10_000)));
    far.destroy();
    await until('it is closed', () => near.destroyed);
    near.destroy();
  });

  test('break off when the near end is destroyed in mid-write', async () => {
    const { near, far } = linkEnds();
    near.write('partial');
    near.destroy();
    await once(far, 'close');
  });
});
