import type { Summary } from '../summary.ts';
import { bullets, heading, plain, table } from './text.ts';

const BLANK = '\\_\\_\\_\\_';

const QUESTIONS = [
  'What surprised us',
  'What we had expected, and did not see',
  'How we noticed, and how we would have noticed at night',
  'What was done by hand',
  'What we do differently next time',
];

/** Room for what only people know. */
export function blanks({ actions }: Summary): string[] {
  return [
    heading(2, 'In our own words'),
    bullets(QUESTIONS.map((question) => `${question}: ${BLANK}`)),
    ...(actions.length > 0
      ? [
          table(
            ['Action item', 'Owner', 'Due', 'Done'],
            actions.map(({ action }) => [plain(action), BLANK, BLANK, '☐']),
          ),
        ]
      : []),
  ];
}
