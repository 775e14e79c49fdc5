import { formatDuration } from '../../core/units.ts';
import { duration, number, UNKNOWN } from '../format.ts';
import { FIGURE_COLUMNS, figureCells, shareOf, THRESHOLD_COLUMNS, thresholdCells } from '../load/figures.ts';
import type { LoadFacts, Summary } from '../summary.ts';
import type { Told, ToldBlock, ToldCell, ToldColumn } from './told.ts';

const LOAD: ToldColumn = { name: 'Load', kind: 'probe' };

/** What was sent to the system, by the run and by steps of their own, and what became of it. */
export function loadsTold({ loads }: Summary): Told | false {
  if (loads.length === 0) return false;
  return {
    id: 'load',
    name: 'Load',
    heading: 'Load',
    lede: `It was sent from the baseline to the end of recovery, a step’s own while that step lasted.${
      loads.some(({ seen }) => seen?.traffic)
        ? ' Latencies of traffic count from the moment at which a request was to begin; what had no answer when its load ended is in no other figure.'
        : ''
    }`,
    blocks: [
      { list: loads.map((one) => `${capital(nameOf(one))}: ${one.sentence}`) },
      table('What became of it', [LOAD, ...FIGURE_COLUMNS, { name: 'Still due' }], loads.map(wholeRow)),
      ...block('Thresholds', [LOAD, ...THRESHOLD_COLUMNS], loads.flatMap(thresholdRows)),
      ...block('By stage', [LOAD, { name: 'Stage' }, ...FIGURE_COLUMNS], loads.flatMap(partRows('stages'))),
      ...block(
        'By scenario',
        [LOAD, { name: 'Scenario' }, ...FIGURE_COLUMNS],
        loads.flatMap(partRows('scenarios')),
      ),
    ],
  };
}

/** `the run`, `step 2, everybody`. */
export function nameOf({ step, stepName }: LoadFacts): string {
  return step === null ? 'the run' : `step ${step}, ${stepName}`;
}

function wholeRow(load: LoadFacts): ToldCell[] {
  const { seen } = load;
  const name = nameOf(load);
  if (!seen) return [name, ...FIGURE_COLUMNS.map(() => UNKNOWN), 'it did not say what it saw'];
  const { requests, errors, timeouts, non2xx, p50, p99, traffic } = seen;
  if (traffic) return [name, ...figureCells(traffic.total), stillDue(traffic.underWay)];
  const failed = errors + non2xx;
  return [
    name,
    number(requests),
    UNKNOWN,
    requests === 0 ? UNKNOWN : `${shareOf(failed / requests)} (${number(timeouts)} time-outs)`,
    duration(p50),
    UNKNOWN,
    duration(p99),
    UNKNOWN,
  ];
}

function stillDue({ requests, oldestMs }: { requests: number; oldestMs: number }): string {
  return requests === 0 ? 'none' : `${number(requests)}, the oldest for ${formatDuration(oldestMs)}`;
}

function thresholdRows(load: LoadFacts): ToldCell[][] {
  return load.thresholds.map((one) => [nameOf(load), ...thresholdCells(one)]);
}

/** Of one part alone there is no more to say than of the whole. */
function partRows(of: 'stages' | 'scenarios'): (load: LoadFacts) => ToldCell[][] {
  return (load) => {
    const parts = Object.entries(load.seen?.traffic?.[of] ?? {});
    return parts.length < 2 ? [] : parts.map(([name, one]) => [nameOf(load), name, ...figureCells(one)]);
  };
}

function table(caption: string, columns: readonly ToldColumn[], rows: readonly ToldCell[][]): ToldBlock {
  return { table: { caption, columns, rows } };
}

function block(caption: string, columns: readonly ToldColumn[], rows: readonly ToldCell[][]): ToldBlock[] {
  return rows.length === 0 ? [] : [table(caption, columns, rows)];
}

function capital(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
