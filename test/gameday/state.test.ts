import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgendaItem, GameDay, GameDayBody, GameDayEvent } from '../../src/gameday/contract.ts';
import { KnownGameDays } from '../../src/gameday/known.ts';
import { loadGameDay } from '../../src/gameday/load.ts';
import { GameDayLog, openGameDay } from '../../src/gameday/log.ts';
import { rightFirst, rightVerdict } from '../../src/gameday/report/judge.ts';
import { summariseGameDay } from '../../src/gameday/report/summarise.ts';
import { AGENDA, type GameDayState, isOver, opensAt, stateOf, whyNot } from '../../src/gameday/state.ts';
import { hidesRun, viewOf } from '../../src/gameday/view.ts';
import type { Summary } from '../../src/report/summary.ts';
import { experimentsOn } from '../../src/server/runs/experiments.ts';

const START = Date.UTC(2026, 10, 24, 9);

function item(title: string, rest: Partial<AgendaItem> = {}): AgendaItem {
  return {
    title,
    experiment: `${title}-experiment`,
    gate: { kind: 'manual' },
    blind: false,
    prompt: 'What first?',
    approvedBy: [],
    ...rest,
  };
}

function day(...agenda: AgendaItem[]): GameDay {
  return {
    name: 'day',
    title: 'A day',
    people: [
      { name: 'Ada', role: 'lead' },
      { name: 'Bob', role: 'observer' },
      { name: 'Cy', role: 'scribe' },
    ],
    agenda,
    source: { file: 'day.yaml', hash: 'h' },
  };
}

/** The state after these, one a second. */
function stateAfter(gameDay: GameDay, ...bodies: GameDayBody[]): GameDayState {
  const all: GameDayBody[] = [{ type: 'opened', id: 'd1', gameDay }, ...bodies];
  const events = all.map(
    (body, index): GameDayEvent => ({ v: 1, t: new Date(START + index * 1000).toISOString(), ...body }),
  );
  return stateOf(events)!;
}

const go: GameDayBody = { type: 'go', by: 'Ada' };
const hold: GameDayBody = { type: 'hold', by: 'Ada' };
const skip: GameDayBody = { type: 'skip', by: 'Ada' };
const begun: GameDayBody = { type: 'run-started', item: 0, run: 'r1' };
const ended: GameDayBody = {
  type: 'run-ended',
  item: 0,
  verdict: 'held',
  exit: 0,
  sentence: 'held: all of it',
};
const waiting: GameDayBody = { type: 'step-waiting', item: 0, index: 1, name: 'dark' };
const predicted: GameDayBody = { type: 'predicted', by: 'Bob', item: 0, text: 'deviated: reads die' };

describe('predictions', () => {
  it('are shown to nobody before the item is over, only who has given one', () => {
    for (const bodies of [[predicted], [predicted, go, begun]]) {
      for (const viewer of ['insider', 'observer'] as const) {
        const view = viewOf(stateAfter(day(item('one')), ...bodies), viewer);
        expect(view.items[0]).toMatchObject({ predicted: ['Bob'], predictions: null });
        expect(JSON.stringify(view)).not.toContain('reads die');
      }
    }
    const over = viewOf(stateAfter(day(item('one')), predicted, go, begun, ended), 'observer');
    expect(over.items[0]!.predictions).toMatchObject([{ by: 'Bob', text: 'deviated: reads die' }]);
  });

  it('may be changed until the item begins, and not given after that or by strangers', () => {
    const state = stateAfter(day(item('one')), predicted, { ...predicted, text: 'held' } as GameDayBody);
    expect(state.items[0]!.predictions.map(({ text }) => text)).toEqual(['held']);
    expect(whyNot(stateAfter(day(item('one')), go), predicted)?.message).toMatch(/the item has begun/);
    expect(whyNot(state, { ...predicted, by: 'Bop' } as GameDayBody)?.message).toMatch(/Did you mean "Bob"/);
  });

  it('stand beside the outcome, right or wrong where they name a verdict', () => {
    const state = stateAfter(
      day(item('one')),
      predicted,
      { ...predicted, by: 'Cy', text: 'no idea' } as GameDayBody,
      go,
      begun,
      ended,
    );
    const [one] = summariseGameDay(state, new Map()).items;
    expect(one).toMatchObject({
      outcome: 'held',
      predictions: [
        { by: 'Bob', right: false },
        { by: 'Cy', right: null },
      ],
    });
  });
});

describe('gates and steps', () => {
  it('an item waits at its gate for a person, and the next one comes when it is over', () => {
    expect(stateAfter(day(item('one'))).items[0]!.phase).toBe('gate');
    expect(stateAfter(day(item('one')), go).items[0]!.phase).toBe('running');
    const state = stateAfter(day(item('one'), item('two')), go, begun, ended);
    expect([state.current, state.items[1]!.phase]).toEqual([1, 'gate']);
  });

  it('a gate by the time opens then, unless somebody holds it', () => {
    const timed = day(item('one', { gate: { kind: 'after', ms: 60_000 } }));
    expect(opensAt(stateAfter(timed))).toBe(START + 60_000);
    const held = stateAfter(timed, hold);
    expect(opensAt(held)).toBeUndefined();
    expect(whyNot(held, { type: 'go', by: AGENDA })).toBeDefined();
    const at = '2026-11-24T14:00:00+01:00';
    expect(opensAt(stateAfter(day(item('one', { gate: { kind: 'at', at } }))))).toBe(Date.parse(at));
  });

  it('an item is left out at its gate, and the last one ends the day', () => {
    const state = stateAfter(day(item('one')), skip);
    expect([state.items[0]!.phase, isOver(state)]).toEqual(['skipped', true]);
    expect(whyNot(state, go)?.code).toBe('GAME_DAY_OVER');
  });

  it('a step is held, then let go or left out; what has begun is not left out', () => {
    const running = [go, begun] as const;
    expect(whyNot(stateAfter(day(item('one')), ...running), skip)?.code).toBe('NOT_NOW');
    const held = stateAfter(day(item('one')), ...running, hold, waiting);
    expect(held.items[0]).toMatchObject({ held: true, waiting: { index: 1, name: 'dark' } });
    const on = stateAfter(day(item('one')), ...running, hold, waiting, go);
    expect(on.items[0]).toMatchObject({ held: false, waiting: null, answers: { 1: 'play' } });
    const out = stateAfter(day(item('one')), ...running, hold, waiting, skip);
    expect(out.items[0]).toMatchObject({ held: false, waiting: null, answers: { 1: 'skip' } });
  });

  it('an act that came too late changes nothing', () => {
    const state = stateAfter(day(item('one')), go, begun, ended, predicted, skip);
    expect(state.items[0]).toMatchObject({ phase: 'played', predictions: [] });
  });

  it('observers and scribes open no gate', () => {
    for (const by of ['Bob', 'Cy'])
      expect(whyNot(stateAfter(day(item('one'))), { type: 'go', by })?.code).toBe('NOT_THEIR_PART');
  });

  it('a run that was refused brings its item back to the gate, and no time opens that again', () => {
    const timed = day(item('one', { gate: { kind: 'after', ms: 0 } }));
    const state = stateAfter(
      timed,
      { type: 'go', by: AGENDA },
      { type: 'run-refused', item: 0, reason: 'halted' },
    );
    expect(state.items[0]).toMatchObject({ phase: 'gate', refused: 'halted' });
    expect(opensAt(state)).toBeUndefined();
  });

  it('a stop ends the day once its run is over', () => {
    const stop: GameDayBody = { type: 'stopped', by: 'Ada', reason: 'enough' };
    const stopping = stateAfter(day(item('one'), item('two')), go, begun, stop);
    expect(isOver(stopping)).toBe(false);
    expect(isOver(stateAfter(day(item('one'), item('two')), go, begun, stop, ended))).toBe(true);
  });
});

describe('a blind item', () => {
  const blind = day(item('Item 1', { blind: true, experiment: 'redis-dark' }));
  const told = [
    go,
    { type: 'run-started', item: 0, run: '1-redis-dark-ab' },
    { type: 'step-begun', item: 0, index: 0, name: 'kill redis' },
    { type: 'noted', by: 'Ada', text: 'redis is dead now' },
    { type: 'noted', by: 'Bob', text: 'the page is slow' },
  ] as const;

  it('hides experiment, run, step names and the notes of those who know from observers, until it is over', () => {
    const state = stateAfter(blind, ...told);
    const seen = viewOf(state, 'observer');
    expect(JSON.stringify(seen)).not.toMatch(/redis/);
    expect(seen.items[0]).toMatchObject({ experiment: null, run: null, step: { name: 'step 1' } });
    expect(seen.log.map(({ text }) => text)).toEqual(['opened the gate', 'the page is slow']);
    expect(JSON.stringify(viewOf(state, 'insider'))).toContain('kill redis');
    expect(JSON.stringify(viewOf(stateAfter(blind, ...told, ended), 'observer'))).toContain(
      'redis is dead now',
    );
  });

  it('hides its run, also before it is known which that is', () => {
    expect(hidesRun(stateAfter(blind, go), 'any')).toBe(true);
    expect(hidesRun(stateAfter(blind, ...told), '1-redis-dark-ab')).toBe(true);
    expect(hidesRun(stateAfter(blind, ...told), 'another')).toBe(false);
    expect(hidesRun(stateAfter(blind, ...told, ended), '1-redis-dark-ab')).toBe(false);
  });
});

describe('the journal', () => {
  it('goes on where it was after a restart, also behind a torn line, and sees what others write', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'faultline-day-'));
    try {
      const first = openGameDay(day(item('one')), cwd);
      first.append(predicted);
      appendFileSync(join(first.folder, 'journal.jsonl'), '{"v":1,"type":"go","by"');
      const again = openGameDay(day(item('one')), cwd);
      expect(again.id).toBe(first.id);
      again.append(go);
      expect(first.state!.items[0]).toMatchObject({ phase: 'running', predictions: [{ by: 'Bob' }] });
      expect(new GameDayLog(first.folder).state).toEqual(first.state);
      expect(() => first.append(predicted)).toThrow(/the item has begun/);
      first.append(ended);
      expect(openGameDay(day(item('one')), cwd).id).not.toBe(first.id);
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  });
});

it('a file with mistakes is told with the place of each', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'faultline-day-'));
  try {
    mkdirSync(join(cwd, 'gamedays'));
    writeFileSync(
      join(cwd, 'gamedays/day.yaml'),
      `name: day
title: A day
people:
  - { name: Ada, role: lead }
  - { name: Ada }
agenda:
  - { experiment: openai-dark }
  - { experiment: ../known.yaml }
`,
    );
    const known = { name: 'openai', title: 'OpenAI', file: 'known.yaml', tags: [], steps: [], problems: [] };
    const load = () => loadGameDay({ file: 'gamedays/day.yaml', cwd, experiments: [known], folder: cwd });
    expect(load).toThrow(/day\.yaml:5:\d+: Another person is named "Ada"/);
    expect(load).toThrow(/day\.yaml:7:\d+: There is no experiment named "openai-dark"/);
    expect(load).not.toThrow(/known\.yaml"/);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});

it.each([
  ['an unknown role', 'people: [{ name: Ada, role: boss }]', /day\.yaml:3:\d+: .*lead.*operator/],
  ['nobody to open a gate', 'people: [{ name: Ada }]', /day\.yaml:3:\d+: people: nobody is lead or operator/],
  [
    'a blind item whose title tells it',
    'people: [{ name: Ada, role: lead }]\nagenda: [{ experiment: redis-dark, blind: true, title: The Redis dark hour }]',
    /day\.yaml:4:\d+: title: it is blind, and this names its experiment, "redis-dark"/,
  ],
  [
    'a gate that is none',
    'people: [{ name: Ada, role: lead }]\nagenda: [{ experiment: redis-dark, gate: soon }]',
    /expected manual, \{ after: 10m \}/,
  ],
])('a file with %s is told with its place', (_, lines, said) => {
  const cwd = mkdtempSync(join(tmpdir(), 'faultline-day-'));
  try {
    const agenda = lines.includes('agenda') ? '' : 'agenda: [{ experiment: redis-dark }]\n';
    writeFileSync(join(cwd, 'day.yaml'), `name: day\ntitle: A day\n${lines}\n${agenda}`);
    const known = { name: 'redis-dark', title: 'Dark', file: 'k.yaml', tags: [], steps: [], problems: [] };
    expect(() => loadGameDay({ file: 'day.yaml', cwd, experiments: [known], folder: cwd })).toThrow(said);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});

it('what a game day is asked by every event is kept in mind: another process that begins one is seen at once', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'faultline-day-'));
  try {
    const known = new KnownGameDays(cwd);
    expect(known.open()).toEqual([]);
    const first = openGameDay(day(item('one')), cwd);
    expect(known.open().map(({ id }) => id)).toEqual([first.id]);
    const second = openGameDay({ ...day(item('two')), name: 'second' }, cwd);
    expect(
      known
        .open()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([first.id, second.id].sort());
    second.append(skip);
    expect(known.open().map(({ id }) => id)).toEqual([first.id]);
    rmSync(join(second.folder, 'journal.jsonl'));
    expect(
      known.open().map(({ id }) => id),
      'one that is over is not read again',
    ).toEqual([first.id]);
    expect(known.all().map(({ id }) => id)).toContain(second.id);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});

it('a prediction is judged by its verdict and by what it says fails first', () => {
  const run = {
    probes: [{ probe: 'read' }, { probe: 'read-page' }],
    cascade: { left: [{ probe: 'read-page' }] },
    steps: [{ fromS: 0 }],
  } as unknown as Summary;
  const first = (text: string) => rightFirst(text, run);
  expect(['read-page first', 'First the read-page.', 'first: read-page'].map(first)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['the read goes first', 'read first'].map(first)).toEqual([false, false]);
  expect(['nothing', 'read-page suffers', 'read first, no, read-page first'].map(first)).toEqual([
    null,
    null,
    null,
  ]);
  expect(rightFirst('read first', { ...run, steps: [] })).toBeNull();
  expect(rightVerdict('Held: all of it', 'held')).toBe(true);
  expect(rightVerdict('aborted', 'deviated')).toBe(false);
  expect([rightVerdict('I held it', 'held'), rightVerdict('held', 'left out')]).toEqual([null, null]);
});

it('the game day that ships can be begun', () => {
  const cwd = join(import.meta.dirname, '../..');
  const folder = join(cwd, 'experiments');
  const experiments = experimentsOn({ folder, cwd, limits: join(folder, 'limits/sandbox.yaml') });
  const file = 'experiments/gamedays/openai-outage.yaml';
  const { agenda } = loadGameDay({ file, cwd, experiments, folder });
  expect(agenda.map(({ experiment }) => experiment)).toEqual([
    'ai-provider-latency',
    'openai-outage-cascade',
    'redis-pool-exhaustion',
  ]);
});
