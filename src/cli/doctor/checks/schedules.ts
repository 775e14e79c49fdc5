import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadSchedules } from '../../../schedule/load.ts';
import { experimentsOn } from '../../../server/runs/experiments.ts';
import { type Check, ok } from '../contract.ts';
import { problemsOf } from './files.ts';

export const schedules: Check = {
  name: 'schedules',
  async look({ cwd, schedules: file, experiments, limitsFile }) {
    const path = resolve(cwd, file);
    if (!existsSync(path)) return [];
    const folder = resolve(cwd, experiments);
    const names = existsSync(folder)
      ? experimentsOn({ folder, limits: limitsFile, cwd }).map(({ name }) => name)
      : [];
    const load = () => loadSchedules({ text: readFileSync(path, 'utf8'), file, experiments: names });
    const problems = problemsOf(load, 'Correct the file; "faultline serve" does not start with it.');
    return problems.length > 0 ? problems : [ok(`${file} is valid`)];
  },
};
