import { type Detector, NO_FAULT } from './contract.ts';
import { crashSigns } from './view/crashes.ts';
import { asksFaulted } from './view/spans.ts';
import { sinceFault } from './words.ts';

/** A process of the system ended under the fault. */
export const crashed: Detector = {
  id: 'crashed',
  question: 'Did a process of the system end or begin anew?',
  condition:
    'After the first fault a port that had answered refused connections at least twice in a row; or a probe of a start time rose, or one of an uptime fell; or two proxies without a fault lost all their connections (3 at least) at one moment.',
  evidence:
    'probes that ask the system; probes of `process_start_time_seconds` or an uptime; connections of the proxies',
  severities: ['critical'],
  remedy:
    'Catch at the edge of each task or request what its work throws (also what no promise handles), bound what it may keep in memory, and keep unfinished work where a new process finds it.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const signs = crashSigns(view);
    const asked = view.probes.some((probe) => probe.spec?.kind === 'http' && !asksFaulted(view, probe));
    if (signs.length === 0)
      return asked
        ? undefined
        : {
            notAssessed:
              'no probe asks the system over HTTP: add one, or a prometheus probe on process_start_time_seconds',
          };
    return {
      severity: 'critical',
      claim: `A process of the system ended under the faults, first ${sinceFault(view, signs[0]!.from)}.`,
      evidence: signs.map(({ from, sentence }) => sentence(sinceFault(view, from))),
      nextExperiment: 'The same faults with a probe on process_start_time_seconds: it never changes.',
    };
  },
};
