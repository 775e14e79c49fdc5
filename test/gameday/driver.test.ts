import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LaunchEnd, LaunchedRun, LaunchOrder } from '../../src/core/launch.ts';
import type { AgendaItem, GameDayBody } from '../../src/gameday/contract.ts';
import { GameDayDriver } from '../../src/gameday/driver.ts';
import { type GameDayLog, openGameDay } from '../../src/gameday/log.ts';
import { startedBy } from '../../src/gameday/runs.ts';
import { FakeClock } from '../support/fake-clock.ts';

const HELD: LaunchEnd = { verdict: 'held', exit: 0, sentence: 'held: all of it' };

/** Starts runs that end when they are told to. */
class Starter {
  readonly orders: LaunchOrder[] = [];
  readonly stopped: string[] = [];
  readonly under = new Map<string, (end: LaunchEnd) => void>();
  readonly runs: LaunchedRun[] = [];
  discovered = 0;

  async experiments() {
    return [];
  }
  running() {
    return this.runs;
  }
  discover() {
    this.discovered++;
  }
  async start(order: LaunchOrder) {
    this.orders.push(order);
    return this.run(`run-${this.orders.length}`);
  }
  run(id: string): LaunchedRun {
    const ended = new Promise<LaunchEnd>((resolve) => {
      this.under.set(id, (end) => {
        this.runs.splice(this.runs.indexOf(run), 1);
        resolve(end);
      });
    });
    const stop = (reason: string) => void this.stopped.push(reason);
    const run: LaunchedRun = { id, folder: '', follow: () => () => {}, stop, ended };
    this.runs.push(run);
    return run;
  }
}

let cwd: string;
let clock: FakeClock;
let starter: Starter;
let drivers: GameDayDriver[];

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'faultline-driver-'));
  clock = new FakeClock(Date.UTC(2026, 10, 24, 9));
  starter = new Starter();
  drivers = [];
});
afterEach(() => {
  for (const driver of drivers) driver.close();
  rmSync(cwd, { recursive: true, force: true });
});

function item(rest: Partial<AgendaItem> = {}): AgendaItem {
  const gate = { kind: 'manual' } as const;
  return { title: 'One', experiment: 'one', gate, blind: false, prompt: 'What?', approvedBy: [], ...rest };
}

function opened(...agenda: AgendaItem[]): GameDayLog {
  const people = [{ name: 'Ada', role: 'lead' }] as const;
  const source = { file: 'day.yaml', hash: agenda.map(({ title }) => title).join() };
  const log = openGameDay({ name: 'day', title: 'A day', people, agenda, source }, cwd);
  // The journal begins when the clock says.
  const at = new Date(clock.wall()).toISOString();
  const text = JSON.stringify({
    v: 1,
    t: at,
    type: 'opened',
    id: log.id,
    gameDay: { name: 'day', title: 'A day', people, agenda, source },
  });
  writeFileSync(join(log.folder, 'journal.jsonl'), `${text}\n`);
  return again(log);
}

/** As another process reads it. */
function again(log: GameDayLog): GameDayLog {
  return new (log.constructor as new (folder: string) => GameDayLog)(log.folder);
}

function drive(log: GameDayLog): GameDayDriver | undefined {
  const driver = GameDayDriver.start({ log, launcher: starter, cwd, place: 'terminal', clock });
  if (driver) drivers.push(driver);
  return driver;
}

function say(log: GameDayLog, body: GameDayBody): void {
  log.append(body, new Date(clock.wall()).toISOString());
}

const go: GameDayBody = { type: 'go', by: 'Ada' };
const minutes = (count: number) => count * 60_000;

/** Time goes by on the wall, with a look at the end. */
async function pass(ms: number): Promise<void> {
  clock.jumpWall(ms);
  await clock.advanceAsync(200);
}

describe('gates that the time opens', () => {
  it('after: so long after the item before was over, and not a moment sooner', async () => {
    const log = opened(item(), item({ gate: { kind: 'after', ms: minutes(10) } }));
    drive(log);
    say(log, go);
    await pass(minutes(3));
    starter.under.get('run-1')!(HELD);
    await clock.advanceAsync(200);
    await pass(minutes(9.9));
    expect([log.state!.current, starter.orders.length]).toEqual([1, 1]);
    await pass(minutes(0.2));
    expect(starter.orders).toHaveLength(2);
    expect(log.state!.log.at(-1)).toMatchObject({ by: 'the agenda', text: 'opened the gate' });
  });

  it('at: at its time', async () => {
    const log = opened(item({ gate: { kind: 'at', at: '2026-11-24T10:30:00+01:00' } }));
    drive(log);
    await pass(minutes(29.8));
    expect(starter.orders).toHaveLength(0);
    await pass(minutes(0.2));
    expect(starter.orders).toHaveLength(1);
  });

  it('at: an item that comes to its gate after its time waits for a person', async () => {
    const log = opened(item({ gate: { kind: 'at', at: '2026-11-24T08:59:59Z' } }));
    drive(log);
    await pass(minutes(60));
    expect(starter.orders).toHaveLength(0);
    say(log, go);
    await clock.advanceAsync(1000);
    expect(starter.orders).toHaveLength(1);
  });

  it('a hold keeps one shut over its time, until somebody opens it', async () => {
    const log = opened(item({ gate: { kind: 'after', ms: minutes(1) } }));
    drive(log);
    say(log, { type: 'hold', by: 'Ada' });
    await pass(minutes(5));
    expect(starter.orders).toHaveLength(0);
    say(log, go);
    await clock.advanceAsync(1000);
    expect(starter.orders).toHaveLength(1);
  });

  it('one whose time passed while nobody played starts no fault out of the blue', async () => {
    const log = opened(item({ gate: { kind: 'after', ms: minutes(10) } }));
    drive(log)!.close();
    await pass(minutes(10.5));
    drive(again(log));
    expect(starter.orders).toHaveLength(1);

    const other = opened(item({ gate: { kind: 'after', ms: minutes(10) }, title: 'Other' }));
    await pass(minutes(60 * 14));
    drive(other);
    await pass(minutes(5));
    expect(starter.orders).toHaveLength(1);
    expect(other.state!.log.at(-1)!.text).toMatch(/its time passed while nobody played/);
    expect(other.state!.items[0]).toMatchObject({ phase: 'gate', held: true });
  });
});

describe('a driver that ends in the middle of a run', () => {
  it('is followed by one that takes the end of the run, and does not play the item twice', async () => {
    const log = opened(item(), item());
    const first = drive(log)!;
    say(log, go);
    await clock.advanceAsync(1000);
    expect(drive(again(log)), 'another process plays it').toBeUndefined();
    first.close();
    const next = again(log);
    drive(next);
    expect(next.state!.items[0]).toMatchObject({ phase: 'running', run: 'run-1', alone: true });
    starter.under.get('run-1')!(HELD);
    await clock.advanceAsync(1000);
    expect(next.state!.items[0]).toMatchObject({ phase: 'played', end: HELD });
    expect([next.state!.current, starter.orders.length]).toEqual([1, 1]);
  });

  it('records no end of a run that it watches no more', async () => {
    const log = opened(item());
    const first = drive(log)!;
    say(log, go);
    await clock.advanceAsync(1000);
    first.close();
    starter.under.get('run-1')!({ verdict: 'inconclusive', exit: 5, sentence: 'not watched' });
    await clock.advanceAsync(1000);
    expect(log.state!.items[0]!.phase).toBe('running');
  });

  it('finds the run that was begun and not recorded, by who began it', async () => {
    const log = opened(item());
    say(log, go);
    const second = drive(log)!;
    await clock.advanceAsync(2000);
    expect([log.state!.items[0]!.phase, starter.orders.length], 'it may still begin').toEqual(['running', 0]);
    const run = '20261124-090001-one-ab12';
    mkdirSync(join(cwd, '.faultline/runs', run), { recursive: true });
    const line = { v: 1, n: 1, t: '', mono: 0, type: 'run-started', run, by: startedBy(log.id) };
    writeFileSync(join(cwd, '.faultline/runs', run, 'journal.jsonl'), `${JSON.stringify(line)}\n`);
    starter.run(run);
    await clock.advanceAsync(1000);
    expect(log.state!.items[0]).toMatchObject({ run, alone: true });
    expect([second.playing, starter.orders.length]).toEqual([true, 0]);
  });

  it('brings the item back to its gate where no run was begun', async () => {
    const log = opened(item());
    say(log, go);
    drive(log);
    await clock.advanceAsync(31_000);
    expect(log.state!.items[0]).toMatchObject({
      phase: 'gate',
      refused: expect.stringMatching(/interrupted/),
    });
  });
});

it('a run that was refused before anything was injected brings its item back to the gate', async () => {
  const log = opened(item({ blind: true }));
  drive(log);
  say(log, go);
  await clock.advanceAsync(1000);
  starter.under.get('run-1')!({
    verdict: 'inconclusive',
    exit: 6,
    sentence: 'refused: the baseline is unhealthy',
  });
  await clock.advanceAsync(1000);
  expect(log.state!.items[0]).toMatchObject({ phase: 'gate', run: null, runs: ['run-1'] });
  expect(log.state!.items[0]!.refused).toMatch(/baseline/);
  say(log, go);
  await clock.advanceAsync(1000);
  expect(log.state!.items[0]).toMatchObject({ phase: 'running', run: 'run-2', refused: null });
});

describe('a disk that is full', () => {
  const full = (log: GameDayLog) => {
    const path = join(log.folder, 'journal.jsonl');
    expect(log.state).toBeDefined();
    renameSync(path, `${path}.kept`);
    symlinkSync('/dev/full', path);
    return () => {
      rmSync(path);
      renameSync(`${path}.kept`, path);
    };
  };

  it('refuses a note in a clear sentence, and loses nothing that was recorded', () => {
    const log = opened(item());
    say(log, { type: 'noted', by: 'Ada', text: 'before' });
    const free = full(log);
    expect(() => say(log, { type: 'noted', by: 'Ada', text: 'lost' })).toThrow(
      /cannot be recorded \(ENOSPC\).*what stands in its journal is safe/,
    );
    free();
    say(log, { type: 'noted', by: 'Ada', text: 'after' });
    expect(again(log).state!.log.map(({ text }) => text)).toEqual(['before', 'after']);
  });

  it('keeps what became of the run until it can be recorded, plays nothing twice, and still stops', async () => {
    const log = opened(item(), item());
    const driver = drive(log)!;
    say(log, go);
    await clock.advanceAsync(1000);
    const free = full(log);
    driver.stopRun('enough', 'Ada');
    starter.under.get('run-1')!(HELD);
    await clock.advanceAsync(5000);
    expect(driver.trouble).toMatch(/ENOSPC/);
    expect([starter.stopped, starter.orders.length]).toEqual([['enough'], 1]);
    free();
    await clock.advanceAsync(1000);
    expect(driver.trouble).toBeUndefined();
    expect(again(log).state!.items[0]).toMatchObject({ phase: 'played', end: HELD });
  });
});

describe('two people in the same moment', () => {
  it('open a gate once', async () => {
    const log = opened(item(), item());
    drive(log);
    const aim = { item: 0, gate: true };
    say(log, { ...go, aim } as GameDayBody);
    expect(() => say(log, { ...go, aim } as GameDayBody)).toThrow(/meanwhile item 1 has begun/);
    await clock.advanceAsync(1000);
    expect(starter.orders).toHaveLength(1);
  });

  it('do not open the next gate with what was meant for a held step, nor leave out two items', async () => {
    const log = opened(item(), item(), item());
    say(log, { type: 'skip', by: 'Ada', aim: { item: 0, gate: true } });
    expect(() => say(log, { type: 'skip', by: 'Ada', aim: { item: 0, gate: true } })).toThrow(
      /meanwhile item 2 has come to its gate/,
    );
    expect(() => say(log, { ...go, aim: { item: 0, gate: false } } as GameDayBody)).toThrow(
      /is not possible now/,
    );
    expect(log.state!.items.map(({ phase }) => phase)).toEqual(['skipped', 'gate', 'ahead']);
  });
});
