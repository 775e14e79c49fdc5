import { duration, moment, percent } from '../format.ts';
import type { Summary } from '../summary.ts';
import type { Told } from './told.ts';

/** As many as can be read. */
const MOST_RUNS = 12;

export function trendTold({ trend, run }: Summary): Told | false {
  if (!trend) return false;
  const shown = trend.runs.slice(-MOST_RUNS);
  return {
    id: 'trend',
    name: 'Trend',
    heading: 'This run among the earlier ones',
    lede: `${trend.sentence}.`,
    blocks: [
      {
        table: {
          caption: `Runs of ${run.name}${shown.length < trend.runs.length ? `, the last ${MOST_RUNS}` : ''}`,
          columns: [
            { name: 'Began' },
            { name: 'Verdict' },
            { name: 'Availability', kind: 'num' },
            { name: 'Recovery', kind: 'num' },
            { name: 'Action items', kind: 'num' },
            { name: 'File' },
          ],
          rows: shown.map((one) => [
            one.run === run.id ? `${moment(one.startedAt)} (this run)` : moment(one.startedAt),
            { text: one.outcome, tone: one.outcome === 'held' ? 'good' : 'bad' },
            percent(one.availability),
            duration(one.recoverMs),
            String(one.lessons),
            one.sameFile ? 'the same' : { text: 'another', tone: 'muted' },
          ]),
        },
      },
    ],
  };
}
