import { isGone } from '../../../drivers/process.ts';
import { runsFolder } from '../../../experiments/journal/index.ts';
import { unfinishedRuns } from '../../../experiments/recover/survey.ts';
import { type Check, type Finding, ok, refused, warning } from '../contract.ts';

export const runs: Check = {
  name: 'runs',
  async look({ cwd, limits }) {
    const unfinished = unfinishedRuns(runsFolder(cwd));
    const abandoned = unfinished.filter(({ owner }) => isGone(owner));
    const live = unfinished.filter(({ owner }) => !isGone(owner));
    const findings: Finding[] = abandoned.map(({ run, owner }) =>
      warning(
        `run ${run} was abandoned: its process ${owner.pid} is gone`,
        'Run "faultline recover": it proves that nothing is left of it, and writes its report.',
      ),
    );
    if (live.length >= limits.reach.runs) {
      const names = live.map(({ run }) => run).join(', ');
      findings.push(
        refused(`under way: ${names}; ${limits.reach.runs} at once may be`, 'Wait for its end, or halt it.'),
      );
    }
    return findings.length > 0 ? findings : [ok('none was left unfinished')];
  },
};
