import { answerLength, type Rhythm } from './rhythm.ts';

const WORDS =
  'the simulated deliverable lists three options with their cost effort and risk so that the team can choose one plan before the next review and note every open question for the customer'.split(
    ' ',
  );

/** The tokens of one answer; joined they are its text. It says of itself that it is simulated. */
export function writeAnswer(rhythm: Rhythm, random: () => number): string[] {
  const length = answerLength(rhythm, random);
  const start = Math.floor(random() * WORDS.length);
  const rest = Array.from({ length: length - 1 }, (_, at) => ` ${WORDS[(start + at) % WORDS.length]}`);
  return ['Simulated:', ...rest];
}

/** About four characters a token, as OpenAI's own rule of thumb has it. */
export function countTokens(value: unknown): number {
  return Math.max(1, Math.ceil(JSON.stringify(value ?? '').length / 4));
}
