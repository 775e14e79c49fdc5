import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isGone, ownIdentity } from '../../src/drivers/process.ts';
import { takePlace } from '../../src/experiments/places.ts';
import { finished, startScript } from '../support/processes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-places-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const DEAD = { pid: 2 ** 22, startTime: '1', bootId: '', run: 'dead' };
const ask = (run: string, places: number) =>
  takePlace({ runs: folder, run, owner: ownIdentity(), places, isGone });

describe('places for runs', () => {
  test('are as many as the limits say, and are free again when they are left', () => {
    const first = ask('a', 2);
    expect(ask('b', 2)).toHaveProperty('release');
    expect(ask('c', 2)).toEqual({ heldBy: ['a', 'b'] });
    (first as { release(): void }).release();
    expect(ask('c', 2)).toHaveProperty('release');
    expect(readdirSync(folder).sort()).toEqual(['.place-1.json', '.place-2.json']);
  });

  test('of a process that died are free', () => {
    writeFileSync(join(folder, '.place-1.json'), JSON.stringify(DEAD));
    expect(ask('a', 1)).toHaveProperty('release');
    expect(ask('b', 1)).toEqual({ heldBy: ['a'] });
  });

  test('whose holder cannot be read are taken for held', () => {
    writeFileSync(join(folder, '.place-1.json'), 'torn');
    expect(ask('a', 1)).toEqual({ heldBy: ['of process unknown'] });
  });

  test('are there for nobody where there are none', () => {
    expect(ask('a', 0)).toEqual({ heldBy: [] });
    expect(existsSync(join(folder, '.place-1.json'))).toBe(false);
  });

  test('go to exactly one of several processes that ask in the same instant, free ones and dead ones', async () => {
    const folders = Array.from({ length: 40 }, (_, index) => join(folder, String(index)));
    for (const [index, runs] of folders.entries()) {
      mkdirSync(runs);
      if (index % 2 === 1) writeFileSync(join(runs, '.place-1.json'), JSON.stringify(DEAD));
    }
    const start = String(Date.now() + 4000);
    const all = await Promise.all(
      Array.from({ length: 3 }, () =>
        finished(startScript('test/experiments/support/contend.ts', [start, ...folders])),
      ),
    );
    const won = all.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
    expect(won.sort()).toEqual([...folders].sort());
  }, 30_000);
});
