import { clockTime, moment } from '../../report/format.ts';
import type { Told, ToldCell } from '../../report/told/told.ts';
import type { GameDayReport, ReportItem } from './contract.ts';

/** The report in sections, without markup. */
export function sectionsOf(report: GameDayReport): readonly Told[] {
  return [
    predictions(report),
    items(report),
    timeline(report),
    lessons(report),
    actions(report),
    record(report),
  ];
}

function predictions({ items: all }: GameDayReport): Told {
  const rows = all.flatMap((item) =>
    item.predictions.map(({ by, text, right }): ToldCell[] => [
      item.title,
      by,
      text,
      verdictCell(item, right),
      item.first ?? item.sentence,
    ]),
  );
  return {
    id: 'predictions',
    name: 'Predictions',
    heading: 'Predictions against outcome',
    lede:
      rows.length === 0
        ? 'Nobody predicted anything.'
        : 'What each person expected before the item, in their words, beside what came.',
    blocks:
      rows.length === 0
        ? []
        : [
            {
              table: {
                caption: 'Predictions',
                columns: [
                  { name: 'Item', kind: 'probe' },
                  { name: 'Who' },
                  { name: 'Predicted', kind: 'half' },
                  { name: 'Outcome' },
                  { name: 'What happened first', kind: 'half' },
                ],
                rows,
              },
            },
          ],
  };
}

function verdictCell({ outcome }: ReportItem, right: boolean | null): ToldCell {
  if (right === null) return outcome;
  return right
    ? { text: `${outcome}, as predicted`, tone: 'good' }
    : { text: `${outcome}, not as predicted`, tone: 'bad' };
}

function items({ items: all }: GameDayReport): Told {
  return {
    id: 'items',
    name: 'Agenda',
    heading: 'What was played',
    blocks: [
      {
        table: {
          caption: 'Items of the agenda',
          columns: [
            { name: 'Item', kind: 'probe' },
            { name: 'Experiment' },
            { name: 'Outcome' },
            { name: 'What it told', kind: 'half' },
            { name: 'Report' },
          ],
          rows: all.map(({ number, title, experiment, blind, outcome, sentence, report }) => [
            `${number}. ${title}${blind ? ' (blind)' : ''}`,
            experiment,
            outcome,
            sentence || 'it was not played',
            report === null ? '–' : { text: report, tone: 'code' },
          ]),
        },
      },
    ],
  };
}

function timeline({ timeline: all }: GameDayReport): Told {
  return {
    id: 'timeline',
    name: 'Timeline',
    heading: 'Timeline',
    lede: 'What people did and wrote, among what the runs recorded. Times are UTC.',
    blocks: [
      {
        table: {
          caption: 'Timeline',
          columns: [{ name: 'Time', kind: 'probe' }, { name: 'Who or what' }, { name: 'What happened' }],
          rows: all.map(({ t, who, kind, bad, text }) => [
            clockTime(t),
            kind === 'run' ? { text: who, tone: 'muted' } : who,
            bad ? { text, tone: 'bad' } : kind === 'note' ? `“${text}”` : text,
          ]),
        },
      },
    ],
  };
}

function lessons({ lessons: all }: GameDayReport): Told {
  return {
    id: 'lessons',
    name: 'Lessons',
    heading: 'What the runs teach',
    ...(all.length === 0 ? { lede: 'The runs recorded nothing from which a lesson could be drawn.' } : {}),
    blocks:
      all.length === 0
        ? []
        : [
            {
              table: {
                caption: 'Lessons of all runs, the gravest first',
                columns: [
                  { name: 'Severity' },
                  { name: 'Lesson', kind: 'half' },
                  { name: 'Evidence', kind: 'half' },
                  { name: 'From' },
                ],
                rows: all.map(({ severity, claim, evidence, from }) => [
                  {
                    text: severity,
                    tone: severity === 'good' ? 'good' : severity === 'medium' ? 'muted' : 'bad',
                  },
                  claim,
                  { text: evidence[0] ?? '', tone: 'muted' },
                  from,
                ]),
              },
            },
          ],
  };
}

function actions({ actions: all }: GameDayReport): Told {
  return {
    id: 'actions',
    name: 'Action items',
    heading: 'What to do about it',
    ...(all.length === 0 ? { lede: 'Nothing.' } : {}),
    blocks:
      all.length === 0
        ? []
        : [
            {
              table: {
                caption: 'Action items, the gravest first, then those that people noted',
                columns: [
                  { name: 'Severity' },
                  { name: 'Do', kind: 'half' },
                  { name: 'Because', kind: 'half' },
                  { name: 'From' },
                  { name: 'Tested again by' },
                ],
                rows: all.map(({ severity, action, because, from, retest }) => [
                  severity === null
                    ? 'noted'
                    : { text: severity, tone: severity === 'medium' ? 'muted' : 'bad' },
                  action,
                  because,
                  from,
                  retest === null ? '–' : { text: retest, tone: 'code' },
                ]),
              },
            },
          ],
  };
}

function record({ id, startedAt, endedAt, stopped, people, source }: GameDayReport): Told {
  return {
    id: 'record',
    name: 'Who and where',
    heading: 'Who and where',
    blocks: [
      {
        list: [
          `Game day ${id}`,
          `Began ${moment(startedAt)}${endedAt === null ? '' : `, ended ${moment(endedAt)}`}`,
          ...(stopped ? [`Stopped by ${stopped.by}: ${stopped.reason}`] : []),
          ...people.map(({ name, role, joined }) => `${name}, ${role}${joined ? '' : ' (did not join)'}`),
          `File ${source.file}, sha256 ${source.hash}`,
        ],
      },
    ],
  };
}

/** One sentence for a reader in a hurry. */
export function headlineOf({ items: all }: GameDayReport): string {
  const counts = new Map<string, number>();
  for (const { outcome } of all) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts].map(([outcome, amount]) => `${amount} ${outcome}`);
  return `${all.length === 1 ? 'One item' : `${all.length} items`}: ${parts.join(', ')}.`;
}
