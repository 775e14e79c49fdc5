import { readJournal } from '../../src/experiments/journal/index.ts';
import { underFault } from '../../src/lessons/view/spans.ts';
import { type ProbeView, type RunView, viewOf } from '../../src/lessons/view/view.ts';
import { summarise } from '../../src/report/summarise.ts';
import type { Outcome } from './case.ts';

/** What a run came to, by its journal alone: a journal of yesterday is asked by the detectors of today. */
export function outcomeOf(folder: string): Outcome {
  const journal = readJournal(folder);
  const summary = summarise(journal);
  const ended = journal.findLast((event) => event.type === 'run-ended');
  if (!ended) throw new Error(`the run in ${folder} has no end`);
  return {
    verdict: ended.verdict,
    exit: ended.exit,
    sentence: ended.sentence,
    folder,
    rollbackProven: summary.rollback?.proven === true,
    availability: availabilityOf(viewOf(journal)),
    recoverMs: summary.times.recovered ? summary.times.recoverMs : null,
    lessons: summary.lessons.map(({ id, severity, claim }) => ({ id, severity, claim })),
    notAssessed: summary.notAssessed.map(({ id, why }) => ({ id, why })),
  };
}

/** Over all probes that ask as users do, by HTTP, the health endpoint's left out. */
function availabilityOf(view: RunView): number | null {
  const samples = view.probes.filter(isUser).flatMap((probe) => underFault(view, probe));
  return samples.length === 0 ? null : samples.filter(({ ok }) => ok).length / samples.length;
}

function isUser({ name, spec }: ProbeView): boolean {
  return spec?.kind === 'http' && name !== 'health';
}
