import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runFolders, runsFolder } from '../../src/experiments/journal/index.ts';
import type { GameDayReport } from '../../src/gameday/report/contract.ts';
import { Lab } from '../support/experiment.ts';
import { finished, startScript } from '../support/processes.ts';
import { until } from '../support/until.ts';

const lab = new Lab();

beforeAll(async () => {
  await lab.open();
  const file = lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  const step = 'duration: 800ms\n    faults: [{ proxy: web, type: latency, attributes: { latency: 7 } }]';
  const text = readFileSync(file, 'utf8').replace('duration: 2s', 'duration: 800ms');
  writeFileSync(
    file,
    text.replace('recovery:', `  - name: more\n    ${step}\n  - name: most\n    ${step}\nrecovery:`),
  );
  writeFileSync(
    join(lab.folder, 'day.yaml'),
    `name: lab-day
title: A day in the lab
people:
  - { name: Ada, role: lead }
  - { name: Bob the second, role: observer }
agenda:
  - { experiment: ./experiment.yaml, title: Slow web }
  - { experiment: lab, title: Once more }
`,
  );
});
afterAll(() => lab.close());

/** The command in a process of its own, with what it has said so far. */
function terminal(file = 'day.yaml') {
  const child = startScript('src/cli/main.ts', ['gameday', file], { cwd: lab.folder, stdio: 'pipe' });
  let said = '';
  child.stdout!.on('data', (chunk) => {
    said += chunk;
  });
  return {
    ended: finished(child),
    type: (line: string) => child.stdin!.write(`${line}\n`),
    leave: () => child.stdin!.end(),
    kill: () => child.kill('SIGKILL'),
    says: (text: string) => until(`the terminal says "${text}"`, () => said.includes(text)),
    said: () => said,
  };
}

it('a game day is played from its agenda to its report, over a restart, with a step held and one left out', async () => {
  const first = terminal();
  await first.says('item 1 of 2, Slow web: at its gate');
  first.type('predict Bob the second deviated, the reads go first');
  await first.says('predicted: Bob the second');
  first.leave();
  expect((await first.ended).code).toBe(5);

  const day = terminal();
  await day.says('predicted: Bob the second (shown when the item is over)');
  expect(day.said()).not.toContain('reads go first');
  day.type('predict Ada held');
  day.type('go');
  await day.says('Slow web: begins');
  day.type('hold');
  await day.says('held before step 1: only');
  day.type('go');
  day.type('hold');
  await day.says('held before step 2: more');
  day.type('note the dashboard stays green');
  day.type('note action: give the readers a budget');
  await day.says('give the readers a budget');
  day.type('skip');
  await day.says('step 3: most');
  day.type('skip');
  await day.says('no step is held back');
  await day.says('Ada had predicted: held');
  expect(day.said()).toContain('Bob the second had predicted: deviated, the reads go first');
  await day.says('item 2 of 2, Once more: at its gate');
  day.type('skip');
  const { code, stdout } = await day.ended;
  expect(code).toBe(0);
  expect(stdout).toContain('left out by hand: step 2 "more"');

  const [id] = readdirSync(join(lab.folder, '.faultline/gamedays'));
  const folder = join(lab.folder, '.faultline/gamedays', id!);
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as GameDayReport;
  expect(report.items).toMatchObject([
    {
      outcome: 'held',
      first: 'nothing left its baseline',
      predictions: [
        { by: 'Bob the second', text: 'deviated, the reads go first', right: false },
        { by: 'Ada', text: 'held', right: true },
      ],
    },
    { outcome: 'left out', run: null },
  ]);
  const at = (text: string) => report.timeline.findIndex((moment) => moment.text.includes(text));
  expect(at('Step 1 "only" took force')).toBeLessThan(at('the dashboard stays green (Slow web, more)'));
  expect(at('the dashboard stays green')).toBeLessThan(at('left the step out'));
  expect(report.actions).toMatchObject([
    { severity: null, action: 'give the readers a budget', because: 'noted by Ada' },
  ]);
  const html = readFileSync(join(folder, 'report.html'), 'utf8');
  for (const text of [
    'A day in the lab',
    'the reads go first',
    'held, as predicted',
    'the dashboard stays green',
  ])
    expect(html).toContain(text);
  expect(readFileSync(join(folder, 'report.md'), 'utf8')).toContain('held, not as predicted');
});

it('a run goes on when the process that plays the game day is killed: another takes its end, plays nothing twice, and a held step hangs on nobody', async () => {
  writeFileSync(
    join(lab.folder, 'lost.yaml'),
    `name: lost
title: A day with losses
people: [{ name: Ada, role: lead }]
agenda:
  - { experiment: lab, title: First }
  - { experiment: lab, title: Second }
`,
  );
  const runs = () => runFolders(runsFolder(lab.folder));
  const before = runs().length;
  const first = terminal('lost.yaml');
  await first.says('First: at its gate');
  const second = terminal('lost.yaml');
  await second.says('Another process plays this game day');
  second.type('note both are here');
  await first.says('both are here');
  first.type('go');
  await second.says('step 1: only');
  first.kill();
  await second.says('it is played from here now');
  await second.says('the run goes on by itself; it can only be stopped');
  await second.says('Second: at its gate');
  expect(second.said()).toMatch(/First: (held|deviated|inconclusive): /);
  expect(runs()).toHaveLength(before + 1);

  second.type('go');
  await second.says('Second: begins');
  second.type('hold');
  await second.says('held before step 1: only');
  const journal = join(runs().at(-1)!, 'journal.jsonl');
  await until('the run knows it is held', () => readFileSync(journal, 'utf8').includes('"step-held"'));
  second.kill();
  const third = terminal('lost.yaml');
  const { code, stdout } = await third.ended;
  expect(code).toBe(0);
  expect(stdout).toContain('Second: inconclusive: ');
  expect(stdout).toContain('whoever held its next step is gone');
  expect(runs()).toHaveLength(before + 2);
});
