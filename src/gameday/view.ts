import type { ItemEnd, Person, StepRef } from './contract.ts';
import {
  type GameDayState,
  type ItemState,
  isOver,
  type LogEntry,
  opensAt,
  type Prediction,
} from './state.ts';

/** Who looks: observers are not told what a blind item does before it is over. */
export type Viewer = 'observer' | 'insider';

export interface ItemView {
  readonly title: string;
  /** Null while it is hidden. */
  readonly experiment: string | null;
  readonly phase: ItemState['phase'];
  readonly blind: boolean;
  readonly prompt: string;
  readonly held: boolean;
  readonly alone: boolean;
  /** When its gate opens by itself, RFC 3339; null where a person opens it, or it is not at its gate. */
  readonly opensAt: string | null;
  /** Who has predicted. */
  readonly predicted: readonly string[];
  /** Their words: null until the item is over, for everybody. */
  readonly predictions: readonly Prediction[] | null;
  /** What whoever looks has predicted; null where they have not, or nobody knows who they are. */
  readonly own: string | null;
  /** When it came to its gate, or was begun, RFC 3339. */
  readonly since: string | null;
  readonly run: string | null;
  readonly step: StepRef | null;
  readonly waiting: StepRef | null;
  readonly refused: string | null;
  readonly end: ItemEnd | null;
}

export interface GameDayView {
  readonly id: string;
  readonly title: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly stopped: GameDayState['stopped'];
  readonly people: readonly (Person & { readonly joined: boolean })[];
  readonly items: readonly ItemView[];
  readonly current: number;
  readonly log: readonly LogEntry[];
}

/**
 * A game day as somebody may see it: what is hidden from them is not in it.
 * @param who whose own predictions are in it
 */
export function viewOf(state: GameDayState, viewer: Viewer, who?: string): GameDayView {
  const { id, gameDay, startedAt, endedAt, stopped, joined, items, current, log } = state;
  const opens = opensAt(state);
  return {
    id,
    title: gameDay.title,
    startedAt,
    endedAt,
    stopped,
    people: gameDay.people.map((person) => ({ ...person, joined: joined.includes(person.name) })),
    items: items.map((item, index) => ({
      ...itemView(state, index, viewer, index === current ? opens : undefined),
      own: item.predictions.find(({ by }) => by === who)?.text ?? null,
    })),
    current,
    log: log
      .filter((entry) => maySee(state, entry, viewer))
      .map((entry) => veiledEntry(state, entry, viewer)),
  };
}

/** Whether a run is one of a blind item that is not over. One that was begun and is not known yet may be any. */
export function hidesRun(state: GameDayState, run: string): boolean {
  return state.items.some(
    ({ phase, run: own, runs }, index) =>
      isHidden(state, index, 'observer') && (runs.includes(run) || (phase === 'running' && own === null)),
  );
}

/** Whether a blind item is under way. */
export function isBlindNow(state: GameDayState): boolean {
  return state.items.some(({ phase }, index) => phase === 'running' && isHidden(state, index, 'observer'));
}

/** What somebody of the game day may see. */
export function viewerOf({ gameDay }: GameDayState, name: string): Viewer {
  return gameDay.people.find((person) => person.name === name)?.role === 'observer' ? 'observer' : 'insider';
}

function itemView(
  state: GameDayState,
  index: number,
  viewer: Viewer,
  opens: number | undefined,
): Omit<ItemView, 'own'> {
  const { phase, since, held, alone, predictions, run, step, waiting, refused, end } = state.items[index]!;
  const { title, experiment, blind, prompt } = state.gameDay.agenda[index]!;
  const hidden = isHidden(state, index, viewer);
  return {
    title,
    experiment: hidden ? null : experiment,
    phase,
    since,
    blind,
    prompt,
    held,
    alone,
    opensAt: opens === undefined ? null : new Date(opens).toISOString(),
    predicted: predictions.map(({ by }) => by),
    predictions: isItemOver(state, index) ? predictions : null,
    // Its id tells the experiment.
    run: hidden ? null : run,
    step: hidden ? veiled(step) : step,
    waiting: hidden ? veiled(waiting) : waiting,
    refused: hidden && refused !== null ? 'the run did not begin' : refused,
    end,
  };
}

function isHidden(state: GameDayState, index: number, viewer: Viewer): boolean {
  return viewer === 'observer' && state.gameDay.agenda[index]!.blind && !isItemOver(state, index);
}

function isItemOver(state: GameDayState, index: number): boolean {
  const { phase } = state.items[index]!;
  return phase === 'played' || phase === 'skipped' || isOver(state);
}

function veiled(step: StepRef | null): StepRef | null {
  return step && { index: step.index, name: `step ${step.index + 1}` };
}

/** What those who know write about a blind item would tell it. */
function maySee(state: GameDayState, { item, by, kind }: LogEntry, viewer: Viewer): boolean {
  return (
    kind === 'act' || item === null || !isHidden(state, item, viewer) || viewerOf(state, by) === 'observer'
  );
}

function veiledEntry(state: GameDayState, entry: LogEntry, viewer: Viewer): LogEntry {
  if (entry.item === null || !isHidden(state, entry.item, viewer)) return entry;
  const text = entry.by === 'Faultline' ? 'the run did not begin' : entry.text;
  return { ...entry, text, step: veiled(entry.step) };
}
