import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { killSwitch } from '../../src/safety/kill-switch.ts';
import { readStopFile, recordHalt, removeStopFile, writeStopFile } from '../../src/safety/stop-file.ts';

const HALT = { reason: 'real incident', since: '2026-01-05T11:00:00.000Z', by: 'ada@ops' };
const notHalted = { state: async () => ({ instance: 'i', epoch: 0, expiresIn: 0, faults: [] }) };
let folder = '';
let stopFile = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-switch-'));
  stopFile = join(folder, '.faultline', 'STOP');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the kill switch', () => {
  test('is off without a stop file and with a data plane that is not halted, or none', async () => {
    expect(await killSwitch({ stopFile })).toBeUndefined();
    expect(await killSwitch({ stopFile, plane: notHalted })).toBeUndefined();
  });

  test('is on by the stop file, and says why and by whom', async () => {
    writeStopFile(stopFile, HALT);
    expect(await killSwitch({ stopFile })).toBe(
      `the stop file ${stopFile} is there: real incident (written by ada@ops)`,
    );
  });

  test('is on by a halted data plane, and says since when, by whom and why', async () => {
    const plane = { state: async () => ({ ...(await notHalted.state()), halted: HALT }) };
    expect(await killSwitch({ stopFile, plane })).toBe(
      'the data plane is halted since 2026-01-05T11:00:00.000Z by ada@ops: real incident',
    );
  });

  test('cannot be told where the stop file cannot be looked for, or the data plane does not answer', async () => {
    symlinkSync('STOP', join(folder, 'STOP'));
    await expect(killSwitch({ stopFile: join(folder, 'STOP') })).rejects.toThrow('ELOOP');
    const plane = { state: () => Promise.reject(new Error('gone')) };
    await expect(killSwitch({ stopFile, plane })).rejects.toThrow('gone');
  });
});

describe('a stop file', () => {
  test('holds who, when and why, and the first one stays', async () => {
    expect(writeStopFile(stopFile, HALT)).toBe(true);
    expect(writeStopFile(stopFile, { ...HALT, reason: 'later' })).toBe(false);
    expect(await readStopFile(stopFile)).toEqual(HALT);
    expect(JSON.parse(readFileSync(stopFile, 'utf8'))).toEqual(HALT);
  });

  test.each([
    ['nothing', '', ''],
    ['a sentence', 'stop it\nplease\n', 'stop it'],
    ['other JSON', '{"why": 1}', '{"why": 1}'],
    ['what would rewrite a terminal', 'all \u001b[2Jis well', 'all [2Jis well'],
  ])('that a person made with %s in it counts', async (_, text, reason) => {
    mkdirSync(join(folder, '.faultline'));
    writeFileSync(stopFile, text);
    expect(await readStopFile(stopFile)).toEqual({ since: expect.any(String), reason });
  });

  test('that is there and cannot be read counts', async () => {
    mkdirSync(stopFile, { recursive: true });
    expect(await readStopFile(stopFile)).toMatchObject({ reason: 'why cannot be read (EISDIR)' });
  });

  test('that was taken away leaves a record of who threw and who lifted', () => {
    const record = { t: HALT.since, by: 'ada@ops', pid: 1 };
    recordHalt(stopFile, { ...record, act: 'halted', reason: 'real incident' });
    writeStopFile(stopFile, HALT);
    recordHalt(stopFile, { ...record, act: 'lifted', by: 'bob@ops' });
    removeStopFile(stopFile);
    expect(existsSync(stopFile)).toBe(false);
    const lines = readFileSync(`${stopFile}.log`, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { act: 'halted', by: 'ada@ops', reason: 'real incident' },
      { act: 'lifted', by: 'bob@ops' },
    ]);
  });

  test('that cannot be written says why', () => {
    writeFileSync(join(folder, '.faultline'), 'a file');
    expect(() => writeStopFile(stopFile, HALT)).toThrow(/EEXIST|ENOTDIR/);
  });
});
