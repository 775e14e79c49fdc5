import { type Detector, LESSONS } from '../../src/lessons/index.ts';
import { table } from './markdown.ts';

/** `docs/lessons.md`: what a run can teach. */
export function lessonsPage(): string {
  const good = LESSONS.filter(tellsGood);
  const bad = LESSONS.filter((detector) => !good.includes(detector));
  return `# Lessons

The tables are generated from the code by \`npm run generate\`.

After a run every detector reads its journal: what the proxies observed, what the probes measured, and what the run did. It states a lesson with its evidence, or nothing, or why it cannot tell and
what to add to the experiment so that it could. Nothing here knows a particular system, client or language.

## What is found wanting

${rows(bad)}

## What is found good

${rows(good)}
`;
}

function rows(detectors: readonly Detector[]): string {
  return table(
    ['lesson', 'question', 'stated when', 'evidence', 'severity', 'what to do'],
    detectors.map(({ id, question, condition, evidence, severities, remedy, keep }) => [
      `\`${id}\``,
      question,
      condition,
      evidence,
      severities.join(', '),
      keep ? `${remedy} Where it is good: ${keep}` : remedy,
    ]),
  );
}

function tellsGood({ severities }: Detector): boolean {
  return severities.every((severity) => severity === 'good');
}
