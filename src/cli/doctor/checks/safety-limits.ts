import { closedBecause, loadLimits } from '../../../safety/limits/index.ts';
import { type Check, ok, refused, warning } from '../contract.ts';
import { problemsOf } from './files.ts';

export const safetyLimits: Check = {
  name: 'safety-limits.yaml',
  async look({ cwd, limits, limitsFile }) {
    const problems = problemsOf(
      () => loadLimits({ file: limitsFile, folder: cwd, cwd }),
      'Correct the file.',
    );
    if (problems.length > 0) return problems;
    const { name, allowed } = limits.environment;
    if (!allowed.includes(name)) {
      const says = `environment "${name}" is not one in which experiments may run (${allowed.join(', ') || 'none is'})`;
      return [refused(says, 'Run elsewhere, or have it allowed by whoever answers for it.')];
    }
    const closed = closedBecause(limits, Date.now());
    if (closed !== undefined) return [refused(closed, 'Wait until it is over.')];
    if (limits.file === undefined) {
      return [
        warning(
          'there is none, so the built-in limits hold',
          'Write one: "faultline limits" says what holds.',
        ),
      ];
    }
    return [ok(`${limits.file}: environment "${name}"`)];
  },
};
