import type { Task } from '../parts.ts';
import { importanceOf } from './importance.ts';

const OUTLINES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bsummari[sz]e\b/i, ['What was said', 'What it means', 'What to do next']],
  [/\bcompare\b/i, ['Options', 'Criteria', 'Recommendation']],
  [/\bminutes\b/i, ['Present', 'Decisions', 'Open points']],
  [/\b(list|risks?)\b/i, ['Items', 'Owner of each', 'Due dates']],
];
const OTHER = ['Purpose', 'Content', 'Open questions'];

const LONGEST = 5000;

/** A deliverable without an AI: an outline that fits the title, for people to fill in. */
export function templateFor(task: Task): string {
  const headings = OUTLINES.find(([words]) => words.test(task.title))?.[1] ?? OTHER;
  const sections = headings.map((heading) => `## ${heading}\n(to be filled in)`);
  return [
    `# ${task.title}`,
    `Written from a template while the AI was not available. Importance by rules: ${importanceOf(task)}.`,
    ...sections,
  ].join('\n\n');
}

/** What static rules find wrong with a deliverable; nothing when it may be stored. */
export function problemWith(content: string, task: Task): string | undefined {
  if (content.trim() === '') return 'it is empty';
  if (content.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (!content.includes(task.title)) return 'it does not name its task';
  return undefined;
}
