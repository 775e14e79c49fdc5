import type { Summary } from '../report/summary.ts';
import { CHECK_IDS, CHECKS, type CheckId, checkOfLesson } from './catalogue.ts';
import type { Answer, FindingSeverity, Source, Told } from './contract.ts';

/**
 * What a run tells of the checks: its verdict those that the suite names, its lessons those that they belong to. A run
 * without a verdict on the system settles nothing.
 */
export function answersOfRun(
  summary: Summary,
  answered: readonly CheckId[],
  source: Source,
  retest: string,
): readonly Answer[] {
  const { outcome } = summary.verdict;
  const conclusive = outcome === 'held' || outcome === 'deviated' || outcome === 'aborted';
  const byVerdict = answered.map((check) => ({
    check,
    source,
    retest,
    settles: true,
    ...toldByVerdict(summary),
  }));
  const byLessons = CHECK_IDS.flatMap((check) => {
    const { settles, ...told } = toldByLessons(summary, check);
    const silent = told.shown.length + told.flaws.length + told.untold.length === 0;
    return silent ? [] : [{ check, source, retest, settles: settles && conclusive, ...told }];
  });
  return [...byVerdict, ...byLessons];
}

function toldByVerdict({ verdict, hypothesis, run }: Summary): Told {
  const { outcome, headline, sentence } = verdict;
  if (outcome === 'held') return { shown: [`held: ${hypothesis.text}`], flaws: [], untold: [] };
  if (outcome !== 'deviated' && outcome !== 'aborted')
    return { shown: [], flaws: [], untold: [sentence || outcome] };
  const missed = hypothesis.expectations.filter((row) => row.outcome === 'missed');
  const flaw = {
    slug: outcome,
    severity: 'high' as const,
    claim: `${run.title}: ${headline}`,
    evidence: [sentence, ...missed.map(({ probe, expectation }) => `${probe} missed ${expectation}`)],
    remedy: `Mend what the lessons of ${run.name} name until its hypothesis holds: ${hypothesis.text}`,
  };
  return { shown: [], flaws: [flaw], untold: [] };
}

function toldByLessons(
  { lessons, notFound, notAssessed }: Summary,
  check: CheckId,
): Told & { readonly settles: boolean } {
  const { lessons: detectors } = CHECKS[check];
  const mine = ({ id }: { readonly id: string }) => checkOfLesson(id) === check;
  const deciding = ({ id }: { readonly id: string }) => detectors[id] === 'settles';
  const own = lessons.filter(mine);
  const asked = notFound.filter((one) => mine(one) && detectors[one.id] !== 'praises');
  const settles = [...own, ...asked].some(deciding);
  return {
    settles,
    shown: [
      ...own.filter(({ severity }) => severity === 'good').map(({ claim }) => claim),
      ...asked.map(({ question }) => `asked, and nothing found: ${question}`),
    ],
    flaws: own.flatMap(({ id, severity, claim, evidence, remedy }) =>
      severity === 'good'
        ? []
        : [{ slug: id, severity: severity satisfies FindingSeverity, claim, evidence, remedy }],
    ),
    // Where another detector has settled it, what one could not tell is no gap.
    untold: settles
      ? []
      : notAssessed.filter(deciding).map(({ question, why }) => `${question} Not told: ${why}`),
  };
}
