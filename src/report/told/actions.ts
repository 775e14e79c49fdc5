import type { Summary } from '../summary.ts';
import type { Told } from './told.ts';

export function actionsTold({ actions }: Summary): Told | false {
  if (actions.length === 0) return false;
  const nexts = [...new Set(actions.flatMap(({ next }) => next ?? []))];
  return {
    id: 'actions',
    name: 'Action items',
    heading: 'What to do about it',
    lede: 'The gravest first. Each rests on what this run recorded, and has a command that shows whether it is mended.',
    blocks: [
      {
        table: {
          caption: 'Action items',
          columns: [
            { name: 'Severity' },
            { name: 'Do' },
            { name: 'Because' },
            { name: 'Evidence' },
            { name: 'Tested again by' },
          ],
          rows: actions.map(({ severity, action, because, evidence, retest }) => [
            { text: severity, tone: severity === 'medium' ? 'muted' : 'bad' },
            action,
            because,
            { text: evidence, tone: 'muted' },
            { text: retest, tone: 'code' },
          ]),
        },
      },
      ...(nexts.length > 0 ? [{ list: nexts.map((next) => `Then: ${next}`) }] : []),
    ],
  };
}
