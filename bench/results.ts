import type { Aim, Figure, Workload } from './contract.ts';

export interface Measured {
  readonly workload: Workload;
  readonly figures: readonly Figure[];
}

/** The page that a run writes: what was to be reached first, then every number. */
export function renderResults(
  measured: readonly Measured[],
  machine: readonly string[],
  seconds: number,
): string {
  const short = measured.flatMap(judged).filter(({ reached }) => !reached).length;
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Each number is the median of interleaved rounds of one run on one machine; compare ratios, not',
    'numbers of different runs.',
    '',
    ...machine.map((line) => `- ${line}`),
    `- ${new Date().toISOString().slice(0, 10)}, ${seconds} s`,
    '',
    '## What is to be reached',
    '',
    short === 0 ? 'All of it is.' : `What falls short: ${short}, in bold.`,
    '',
    '| workload | figure | way | measured | of | ratio | aim |',
    '|---|---|---|---|---|---|---|',
    ...measured.flatMap((one) => judged(one).map((aim) => row(one.workload, aim))),
    '',
    ...measured.flatMap((one) => [
      `## ${one.workload.title}`,
      '',
      `\`npm run bench -- --only ${one.workload.name}\`: ${one.workload.how}.`,
      '',
      ...renderTable(one.figures),
      '',
    ]),
  ].join('\n');
}

/** One workload's table and aims, for the terminal. */
export function renderWorkload(measured: Measured): string {
  return [
    ...renderTable(measured.figures),
    ...judged(measured).map(({ text, reached }) => `  ${reached ? 'ok ' : '-- '} ${text.join(' | ')}`),
    '',
  ].join('\n');
}

interface Judged {
  readonly text: readonly string[];
  readonly reached: boolean;
}

/** Aims whose ways were all measured. */
function judged({ workload, figures }: Measured): readonly Judged[] {
  return workload.aims.flatMap((aim) => {
    const figure = figures.find(({ name }) => name === aim.figure);
    const value = figure?.values.get(aim.way);
    const other = aim.to === undefined ? undefined : figure?.values.get(aim.to);
    if (!figure || value === undefined || (aim.to !== undefined && other === undefined)) return [];
    const compared = other === undefined ? value : value / other;
    const reached =
      compared >= (aim.atLeast ?? Number.NEGATIVE_INFINITY) &&
      compared <= (aim.atMost ?? Number.POSITIVE_INFINITY);
    return [
      {
        reached,
        text: [
          figure.name,
          aim.way,
          `${number(value)} ${figure.unit}`,
          other === undefined ? '' : `${aim.to}: ${number(other)}`,
          other === undefined ? '' : compared.toFixed(2),
          bound(aim, figure.unit),
        ],
      },
    ];
  });
}

function row({ title }: Workload, { text, reached }: Judged): string {
  const cells = reached ? text : text.map((cell) => (cell === '' ? '' : `**${cell}**`));
  return `| ${[title, ...cells].join(' | ')} |`;
}

function bound({ to, atLeast, atMost }: Aim, unit: string): string {
  const of = to === undefined ? ` ${unit}` : '';
  return [
    ...(atLeast === undefined ? [] : [`≥ ${atLeast}${of}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost}${of}`]),
  ].join(', ');
}

/** A row for each way, a column for each figure. */
export function renderTable(figures: readonly Figure[]): readonly string[] {
  const ways = [...new Set(figures.flatMap(({ values }) => [...values.keys()]))];
  return [
    `| way | ${figures.map(({ name, unit }) => (unit === '' ? name : `${name}, ${unit}`)).join(' | ')} |`,
    `|---|${figures.map(() => '---:|').join('')}`,
    ...ways.map((way) => {
      const cells = figures.map(({ values }) => (values.has(way) ? number(values.get(way)!) : ''));
      return `| ${way} | ${cells.join(' | ')} |`;
    }),
  ];
}

/** Three digits that matter. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
  return String(Number(value.toPrecision(3)));
}
