import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectDataPlane } from '../../src/drivers/embedded/index.ts';
import type { RunResult } from '../../src/experiments/run.ts';
import { Lab } from '../support/experiment.ts';

let lab: Lab;
beforeEach(async () => {
  lab = new Lab();
  await lab.open();
});
afterEach(() => lab.close());

/** Runs an experiment and stops it while its fault is in force. */
async function stopped(stop: () => void | Promise<void>): Promise<RunResult> {
  const running = lab.run(lab.experiment('{ proxy: web, type: latency, attributes: { latency: 1 } }'));
  await lab.inForce();
  await stop();
  const result = await running;
  expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
  expect(lab.of('rollback-proof')[0]!.proof).toMatchObject({ proven: true, empty: true, held: 0 });
  return result;
}

test('a signal takes everything back and ends the run inconclusive', async () => {
  const { sentence } = await stopped(() => lab.abort.abort({ cause: 'signal', text: 'SIGTERM' }));
  expect(sentence).toMatch(/^inconclusive: stopped by SIGTERM .* after the first fault; rolled back in /);
  expect(lab.of('recovery')).toEqual([]);
});

test('a halt of the data plane ends the run by the same path', async () => {
  const { sentence } = await stopped(async () => {
    const driver = connectDataPlane(`127.0.0.1:${lab.controlPort}`);
    await driver.halt('real incident', 'ada@ops');
    await driver.close();
  });
  expect(sentence).toMatch(/^inconclusive: .*halted.*: real incident/i);
  const started = lab.of('rollback-started')[0]!;
  expect(started.cause).toBe('halt');
  expect(`${started.by} ${started.reason}`).toContain('ada@ops');
});

test('a halt outlives the data plane that the run had started, and keeps the next run from beginning', async () => {
  await stopped(async () => {
    const driver = connectDataPlane(`127.0.0.1:${lab.controlPort}`);
    await driver.halt('real incident', 'ada@ops');
    await driver.close();
  });
  const next = await lab.run(lab.experiment('{ proxy: web, type: latency, attributes: { latency: 1 } }'));
  expect(next).toMatchObject({ exit: 6 });
  expect(next.sentence).toMatch(/^refused: the stop file .* is there: real incident \(written by ada@ops\)/);
});

test('a stop file ends the run by the same path, and keeps the next one from beginning', async () => {
  const { sentence } = await stopped(() => {
    mkdirSync(join(lab.folder, '.faultline'), { recursive: true });
    writeFileSync(join(lab.folder, '.faultline/STOP'), '');
  });
  expect(sentence).toMatch(/^inconclusive: the stop file .* is there/);
  const next = await lab.run(lab.experiment('{ proxy: web, type: latency, attributes: { latency: 1 } }'));
  expect(next).toMatchObject({ exit: 6 });
  expect(next.sentence).toMatch(/^refused: the stop file .* is there/);
});
