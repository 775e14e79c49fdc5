import type { JudgedTest } from '../../core/journal.ts';
import { ofType } from '../../lessons/view/clock.ts';
import type { RunView } from '../../lessons/view/view.ts';
import { count } from '../../lessons/words.ts';
import type { LimitRow } from '../summary.ts';

/** `errorRate could not be judged: baseline of 12 samples, needs 34`. */
export function notJudged({ measure, samples, needs }: JudgedTest): string {
  const wanted = needs === null ? 'and no longer one would do' : `needs ${needs}`;
  return `${measure} could not be judged: baseline of ${count(samples, 'sample')}, ${wanted}`;
}

/** The sequential tests against the baseline, measure by measure, each on the probe with the most evidence. */
export function testRows(view: RunView): readonly LimitRow[] {
  const judged = ofType(view.events, 'judging').flatMap(({ probe, tests }) =>
    tests.map((test) => ({ probe, test, ...progress(view, probe, test) })),
  );
  return [...new Set(judged.map(({ test }) => test.measure))].map((measure): LimitRow => {
    const all = judged.filter(({ test }) => test.measure === measure);
    const { probe, used, breached } = all.reduce((a, b) => (b.used > a.used ? b : a));
    const short = all.filter(({ test }) => test.needs !== undefined);
    const seen = breached ? 'breached' : used > 0 ? 'evidence grew' : 'no evidence of a degradation';
    return {
      rule: `sequential test of ${measure}`,
      watches: `${all.length - short.length} of ${count(all.length, 'probe')}`,
      source: 'safety limits',
      nearest: probe,
      measure,
      worst: null,
      used,
      breached,
      sentence: [seen, ...short.map((one) => `${one.probe}: ${notJudged(one.test)}`)].join('; '),
    };
  });
}

/** Evidence on a scale of powers, since it grows as one. */
function progress(
  { breach, events }: RunView,
  probe: string,
  { measure, threshold }: JudgedTest,
): { used: number; breached: boolean } {
  const rule = breach?.probe === probe && breach.rule.text.startsWith('sequential test');
  if (rule && breach.rule.measure === measure) return { used: 1, breached: true };
  const most = ofType(events, 'evidence')
    .filter((event) => event.probe === probe && event.measure === measure)
    .reduce((highest, { evidence }) => Math.max(highest, evidence), 1);
  return { used: Math.min(1, Math.log(most) / Math.log(threshold)), breached: false };
}
