import { ERRORS } from '../../src/core/errors.ts';
import { EXIT } from '../../src/core/verdict.ts';
import { table } from './markdown.ts';

const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  held: 'the hypothesis held',
  deviated: 'an expectation was missed in a step, at a gate, or in recovery',
  invalid: 'invalid input; nothing was touched',
  aborted: 'a safety limit took everything back',
  rollbackNotProven: 'it is not proven that everything was taken back; outranks all others',
  inconclusive: 'halted, interrupted, or too little was seen',
  refused:
    'refused before anything was injected: a gate, an unhealthy baseline, a port in use, an unreachable service',
};

/** `docs/errors.md`: the exit codes and the table of errors. */
export function errorsPage(): string {
  const exits = (Object.keys(EXIT) as (keyof typeof EXIT)[])
    .toSorted((left, right) => EXIT[left] - EXIT[right])
    .map((name) => [String(EXIT[name]), MEANING[name]]);
  const errors = Object.entries(ERRORS)
    .toSorted(([left], [right]) => left.localeCompare(right, 'en'))
    .map(([code, { status, exit, sentence }]) => [`\`${code}\``, String(status), String(exit), sentence]);
  return `# Errors

Generated from the table of errors by \`npm run generate\`.

A problem in a file is told as \`file:line:column: sentence\`, all problems of a file at once. In the sentences here \`{name}\` stands for a value.

## Exit codes of \`faultline run\`

${table(['exit code', 'meaning'], exits)}

## Errors

The status is that of the control API's answer, the exit code that of the command which ends with the error.

${table(['code', 'status', 'exit code', 'sentence'], errors)}
`;
}
