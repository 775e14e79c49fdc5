import type { BreakingPoint } from '../findings.ts';
import { UNKNOWN } from '../format.ts';
import type { Summary } from '../summary.ts';
import type { Told, ToldTable } from './told.ts';

export function breakingTold({ breaking }: Summary): Told | false {
  if (breaking.length === 0) return false;
  return {
    id: 'breaking',
    name: 'Breaking point',
    heading: 'Breaking point',
    blocks: breaking.flatMap((point) => [
      { list: [`${point.sentence}.`] },
      ...(point.tries.length > 0 ? [{ table: triesOf(point) }] : []),
    ]),
  };
}

function triesOf({ tries }: BreakingPoint): ToldTable {
  return {
    caption: 'Tries of the search',
    columns: [
      { name: 'Step', kind: 'num' },
      { name: 'Tried', kind: 'num' },
      { name: 'Outcome', kind: 'half' },
      { name: 'What was missed' },
    ],
    rows: tries.map(({ step, value, outcome, missed }) => [
      String(step),
      value,
      { text: outcome, tone: outcome === 'held' ? 'good' : outcome === 'not finished' ? 'muted' : 'bad' },
      missed ?? UNKNOWN,
    ]),
  };
}
