import type { Summary } from '../summary.ts';
import type { Told } from './told.ts';

export function actionsTold({ actions }: Summary): Told | false {
  if (actions.length === 0) return false;
  const nexts = [...new Set(actions.flatMap(({ next }) => next ?? []))];
  const retests = [...new Set(actions.map(({ retest }) => retest))];
  // One command for all needs no column.
  const [only] = retests.length === 1 ? retests : [];
  return {
    id: 'actions',
    name: 'Action items',
    heading: 'What to do about it',
    lede: `The gravest first. Each rests on what this run recorded${only === undefined ? ', and has a command that shows whether it is mended.' : '; whether one is mended is shown by the command below.'}`,
    blocks: [
      {
        table: {
          caption: 'Action items',
          columns: [
            { name: 'Severity' },
            { name: 'Do' },
            { name: 'Because' },
            { name: 'Evidence' },
            ...(only === undefined ? [{ name: 'Tested again by' }] : []),
          ],
          rows: actions.map(({ severity, action, because, evidence, retest }) => [
            { text: severity, tone: severity === 'medium' ? 'muted' : 'bad' },
            action,
            because,
            { text: evidence, tone: 'muted' },
            ...(only === undefined ? [{ text: retest, tone: 'code' as const }] : []),
          ]),
        },
      },
      ...(only === undefined ? [] : [{ command: only }]),
      ...(nexts.length > 0 ? [{ list: nexts.map((next) => `Then: ${next}`) }] : []),
    ],
  };
}
