import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { experimentsOn } from '../../../server/runs/experiments.ts';
import { type Check, type Finding, ok, refused, warning } from '../contract.ts';

export const experiments: Check = {
  name: 'experiments',
  async look({ cwd, experiments: folder, limitsFile }) {
    const path = resolve(cwd, folder);
    if (!existsSync(path))
      return [
        warning(`there is no folder ${folder}`, 'Write one with "faultline init experiments/NAME.yaml".'),
      ];
    const known = experimentsOn({ folder: path, limits: limitsFile, cwd });
    const wrong = known.flatMap(({ problems }): Finding[] =>
      problems.map((problem) => refused(problem, 'Correct the file; "faultline validate" checks it again.')),
    );
    const sound = known.filter(({ problems }) => problems.length === 0).length;
    return [ok(`${sound} of ${known.length} in ${folder} are valid`), ...wrong].filter(
      ({ level }) => sound > 0 || level !== 'ok',
    );
  },
};
