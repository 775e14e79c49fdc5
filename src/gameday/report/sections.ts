import { clockTime, moment, UNKNOWN } from '../../report/format.ts';
import type { Told, ToldBlock, ToldCell } from '../../report/told/told.ts';
import type { GameDayReport, JudgedPrediction, ReportItem } from './contract.ts';

/** The report in sections, without markup. */
export function sectionsOf(report: GameDayReport): readonly Told[] {
  return [
    predictions(report),
    items(report),
    lessons(report),
    actions(report),
    timeline(report),
    record(report),
  ];
}

function predictions({ items: all, scores }: GameDayReport): Told {
  const given = all.some((item) => item.predictions.length > 0);
  const rows = all.flatMap((item): ToldCell[][] => {
    const happened = item.first ?? (item.sentence || 'it was not played');
    if (item.predictions.length === 0)
      return [[item.title, { text: 'nobody', tone: 'muted' }, UNKNOWN, item.outcome, happened]];
    return item.predictions.map((one, index) => [
      index === 0 ? item.title : '',
      one.by,
      `“${one.text}”`,
      judged(item, one),
      index === 0 ? happened : '',
    ]);
  });
  const table: ToldBlock = {
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
  };
  const list = scores.map(
    ({ name, right, of }) => `${name} was right in ${right} of the ${of} that can be judged`,
  );
  return {
    id: 'predictions',
    name: 'Predictions',
    heading: 'Predictions against outcome',
    lede: given
      ? 'What each person expected before the item, in their words, beside what came. What names no verdict, and no probe to fail first, is left to the reader.'
      : 'Nobody predicted anything.',
    blocks: given ? [table, ...(list.length > 0 ? [{ list }] : [])] : [],
  };
}

function judged({ outcome }: ReportItem, { right, rightFirst }: JudgedPrediction): ToldCell {
  const said = [
    ...(right === null ? [] : [right ? 'as predicted' : 'not as predicted']),
    ...(rightFirst === null ? [] : [rightFirst ? 'first as predicted' : 'not first as predicted']),
  ];
  if (said.length === 0) return `${outcome}; cannot be judged`;
  const wrong = right === false || rightFirst === false;
  return { text: `${outcome}, ${said.join(', ')}`, tone: wrong ? 'bad' : 'good' };
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
            report === null ? UNKNOWN : { text: 'report', href: report },
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
            bad ? { text, tone: 'bad' } : kind === 'note' ? `noted: ${text}` : text,
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
                  { name: 'Who' },
                  { name: 'Because', kind: 'half' },
                  { name: 'From' },
                  { name: 'Tested again by' },
                ],
                rows: all.map(({ severity, action, owner, because, from, retest }) => [
                  severity === null
                    ? 'noted'
                    : { text: severity, tone: severity === 'medium' ? 'muted' : 'bad' },
                  action,
                  owner ?? { text: 'nobody yet', tone: 'muted' },
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
