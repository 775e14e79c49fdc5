import { SEVERITIES } from '../../lessons/index.ts';
import { since } from '../../report/format.ts';
import type { Summary, TimelineEntry } from '../../report/summary.ts';
import type { GameDayState, LogEntry } from '../state.ts';
import type { GameDayReport, Moment, ReportAction, ReportItem, ReportLesson } from './contract.ts';
import { rightFirst, rightVerdict, scoresOf } from './judge.ts';

/** A run of the game day, with the path of its report. */
export interface PlayedRun {
  readonly summary: Summary;
  readonly report: string;
}

/** A note that begins so is an action item; with a name behind it, of that person. */
const ACTION = /^action:\s*/i;

/** Makes the report of a game day from its state and what its runs came to, by their ids. */
export function summariseGameDay(state: GameDayState, runs: ReadonlyMap<string, PlayedRun>): GameDayReport {
  const { id, gameDay, startedAt, endedAt, stopped, joined } = state;
  const played = state.items.flatMap(({ run }, index) => {
    const summary = run === null ? undefined : runs.get(run)?.summary;
    return summary ? [{ summary, from: titleOf(state, index) }] : [];
  });
  const items = state.items.map((_, index) => itemOf(state, index, runs));
  return {
    version: 1,
    id,
    title: gameDay.title,
    startedAt,
    endedAt,
    stopped,
    people: gameDay.people.map((person) => ({ ...person, joined: joined.includes(person.name) })),
    items,
    scores: scoresOf(gameDay.people, items),
    lessons: bySeverity(
      played.flatMap(({ summary, from }) =>
        summary.lessons.map((lesson): ReportLesson => ({ ...lesson, from })),
      ),
    ),
    actions: [...bySeverity(actionsOf(played)), ...notedActions(state)],
    timeline: timelineOf(state, played),
    source: gameDay.source,
  };
}

function itemOf(state: GameDayState, index: number, runs: ReadonlyMap<string, PlayedRun>): ReportItem {
  const { experiment, blind, prompt } = state.gameDay.agenda[index]!;
  const { phase, run, refused, end, predictions } = state.items[index]!;
  const played = run === null ? undefined : runs.get(run);
  const outcome =
    phase === 'skipped' ? 'left out' : (played?.summary.verdict.outcome ?? end?.verdict ?? 'not played');
  return {
    number: index + 1,
    title: titleOf(state, index),
    experiment,
    blind,
    run,
    report: played?.report ?? null,
    outcome,
    sentence: end?.sentence ?? refused ?? '',
    first: played ? firstOf(played.summary) : null,
    prompt,
    predictions: predictions.map((one) => ({
      ...one,
      right: rightVerdict(one.text, outcome),
      rightFirst: played ? rightFirst(one.text, played.summary) : null,
    })),
  };
}

function titleOf({ gameDay }: GameDayState, index: number): string {
  return gameDay.agenda[index]!.title;
}

function firstOf({ cascade, steps }: Summary): string {
  const [first] = cascade.left;
  if (first)
    return `${first.probe} left its baseline at ${since(first.leftS)} after the first fault: expected ${first.expectation}`;
  return steps.some(({ fromS }) => fromS !== null) ? 'nothing left its baseline' : 'nothing was injected';
}

function actionsOf(
  played: readonly { readonly summary: Summary; readonly from: string }[],
): readonly ReportAction[] {
  const all = played.flatMap(({ summary, from }) =>
    summary.actions.map(
      ({ severity, action, because, retest }): ReportAction => ({
        severity,
        action,
        because,
        retest,
        owner: null,
        from,
      }),
    ),
  );
  // Two runs may teach the same; it is done once.
  return all.filter((one, index) => all.findIndex((other) => other.action === one.action) === index);
}

function notedActions(state: GameDayState): readonly ReportAction[] {
  return state.log
    .filter(({ kind, text }) => kind === 'note' && ACTION.test(text))
    .map(({ by, text, item }) => ({
      severity: null,
      ...ownedAction(text.replace(ACTION, ''), state),
      because: `noted by ${by}`,
      retest: null,
      from: item === null ? 'after the last item' : titleOf(state, item),
    }));
}

/** `@NAME WORDS`, where NAME is of the game day (it may have several words) or any one word. */
function ownedAction(text: string, { gameDay: { people } }: GameDayState) {
  if (!text.startsWith('@')) return { owner: null, action: text };
  const names = people.map(({ name }) => name).sort((a, b) => b.length - a.length);
  const rest = text.slice(1);
  const owner = names.find((name) => rest.startsWith(`${name} `)) ?? rest.split(/[\s:,]/)[0]!;
  return { owner, action: rest.slice(owner.length).replace(/^[\s:,]+/, '') };
}

function bySeverity<T extends { readonly severity: (typeof SEVERITIES)[number] | null }>(
  all: readonly T[],
): readonly T[] {
  const rank = ({ severity }: T) => (severity === null ? SEVERITIES.length : SEVERITIES.indexOf(severity));
  return [...all].sort((a, b) => rank(a) - rank(b));
}

/** What people did and wrote among what the runs saw, by time. */
function timelineOf(
  state: GameDayState,
  played: readonly { readonly summary: Summary; readonly from: string }[],
): readonly Moment[] {
  const people = state.log.map(
    (entry): Moment => ({
      t: entry.t,
      who: entry.by,
      kind: entry.kind,
      bad: false,
      text: `${entry.text}${placeOf(state, entry)}`,
    }),
  );
  const runs = played.flatMap(({ summary, from }) =>
    summary.timeline
      .filter(isTurn)
      .map(({ t, tone, text }): Moment => ({ t, who: from, kind: 'run', bad: tone === 'bad', text })),
  );
  return [...people, ...runs].sort((a, b) => Date.parse(a.t) - Date.parse(b.t));
}

function isTurn({ tone, text }: TimelineEntry): boolean {
  return tone !== 'plain' || /^(Run |The run ended|Step \d+ (is held|was left|was let))/.test(text);
}

function placeOf(state: GameDayState, { kind, item, step }: LogEntry): string {
  if (item === null || kind === 'act') return '';
  return ` (${titleOf(state, item)}${step ? `, ${step.name}` : ''})`;
}
