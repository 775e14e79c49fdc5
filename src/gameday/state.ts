import { FaultlineError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type {
  Act,
  DriverPlace,
  GameDay,
  GameDayBody,
  GameDayEvent,
  ItemEnd,
  Progress,
  StepRef,
} from './contract.ts';

export interface Prediction {
  readonly t: string;
  readonly by: string;
  readonly text: string;
}

export interface ItemState {
  readonly phase: 'ahead' | 'gate' | 'running' | 'played' | 'skipped';
  /** When it came to its gate, or was begun. */
  readonly since: string | null;
  /** Its gate does not open by itself, or the next step of its run does not begin. */
  readonly held: boolean;
  readonly predictions: readonly Prediction[];
  /** Null until its run has one. */
  readonly run: string | null;
  /** All of its runs, also those that were refused before anything was injected. */
  readonly runs: readonly string[];
  /** Its run goes on by itself; nobody can hold its steps. */
  readonly alone: boolean;
  /** Under way, or last under way. */
  readonly step: StepRef | null;
  /** The step that is held back now. */
  readonly waiting: StepRef | null;
  /** What became of steps that were held back, by index. */
  readonly answers: Readonly<Record<number, 'play' | 'skip'>>;
  /** Why it did not come to a run. */
  readonly refused: string | null;
  readonly end: ItemEnd | null;
}

/** What somebody did or wrote, with what was under way then. */
export interface LogEntry {
  readonly t: string;
  readonly by: string;
  readonly kind: 'note' | 'act';
  readonly text: string;
  /** Null once all is over. */
  readonly item: number | null;
  readonly step: StepRef | null;
}

export interface GameDayState {
  readonly id: string;
  readonly gameDay: GameDay;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly stopped: { readonly by: string; readonly reason: string } | null;
  readonly joined: readonly string[];
  /** Where it is played, or was last. */
  readonly driver: DriverPlace | null;
  /** One for each of the agenda. */
  readonly items: readonly ItemState[];
  /** The item at its gate or under way; their number when all are over. */
  readonly current: number;
  readonly log: readonly LogEntry[];
}

/** Who opens gates that the time opens. */
export const AGENDA = 'the agenda';

const AHEAD: ItemState = {
  phase: 'ahead',
  since: null,
  held: false,
  predictions: [],
  run: null,
  runs: [],
  alone: false,
  step: null,
  waiting: null,
  answers: {},
  refused: null,
  end: null,
};

/** The state after all events; undefined where there is none that opens it. */
export function stateOf(events: readonly GameDayEvent[]): GameDayState | undefined {
  return events.reduce<GameDayState | undefined>(take, undefined);
}

/** The state after one more event. What is not possible then changes nothing: two people may act in the same moment. */
export function take(state: GameDayState | undefined, event: GameDayEvent): GameDayState | undefined {
  if (!state) return event.type === 'opened' ? open(event) : undefined;
  if (event.type === 'opened' || whyNot(state, event)) return state;
  const next = settle(advance(withSpeaker(state, event), event), event.t);
  return { ...next, log: [...next.log, ...told(state, event)] };
}

/** Whether nothing more will happen. */
export function isOver(state: GameDayState): boolean {
  return state.endedAt !== null;
}

/** When the gate of the current item opens by itself, ms since 1970; undefined where a person must open it. */
export function opensAt({ gameDay, items, current }: GameDayState): number | undefined {
  const [item, state] = [gameDay.agenda[current], items[current]];
  if (!item || state?.phase !== 'gate' || state.held || state.refused !== null) return undefined;
  const since = Date.parse(state.since!);
  if (item.gate.kind === 'after') return since + item.gate.ms;
  if (item.gate.kind === 'manual') return undefined;
  // Nobody is there any more for a time that passed before the item came to its gate.
  const at = Date.parse(item.gate.at);
  return at >= since ? at : undefined;
}

/** Why an act is not possible now; undefined where it is. */
export function whyNot(state: GameDayState, body: GameDayBody): FaultlineError | undefined {
  if (body.type === 'noted') return undefined;
  if (isOver(state)) return new FaultlineError('GAME_DAY_OVER', { gameDay: state.id });
  const { people } = state.gameDay;
  const not = (act: string, why: string) => new FaultlineError('NOT_NOW', { act, why });
  switch (body.type) {
    case 'joined':
      return unknownPerson(state, body.by);
    case 'predicted': {
      const item = state.items[body.item];
      const late = item === undefined ? 'the agenda has no such item' : 'the item has begun';
      return (
        unknownPerson(state, body.by) ??
        (item?.phase === 'ahead' || item?.phase === 'gate' ? undefined : not('A prediction', late))
      );
    }
    case 'go':
    case 'hold':
    case 'skip':
    case 'stopped': {
      const person = people.find(({ name }) => name === body.by);
      if (person?.role === 'observer' || person?.role === 'scribe')
        return new FaultlineError('NOT_THEIR_PART', { person: person.name, role: person.role });
      if (body.type === 'stopped') return undefined;
      const why = overtaken(state, body) ?? impossible(state.items[state.current]!, body);
      return why === undefined ? undefined : not(`"${body.type}"`, why);
    }
    case 'opened':
    case 'driving':
      return undefined;
    default:
      return state.items[body.item]?.phase === 'running'
        ? undefined
        : not(`"${body.type}"`, 'the item is not under way');
  }
}

/** Somebody else was faster, and what was meant is not what would be done. */
function overtaken(
  { items, current }: GameDayState,
  { aim }: Extract<Act, { type: 'go' | 'hold' | 'skip' }>,
) {
  const gate = items[current]!.phase === 'gate';
  if (!aim || (aim.item === current && aim.gate === gate)) return undefined;
  return `meanwhile item ${current + 1} ${gate ? 'has come to its gate' : 'has begun'}`;
}

function unknownPerson({ gameDay: { people } }: GameDayState, person: string): FaultlineError | undefined {
  const names = people.map(({ name }) => name);
  if (names.includes(person)) return undefined;
  return new FaultlineError('UNKNOWN_PERSON', { person, suggestion: didYouMean(person, names) });
}

function impossible(item: ItemState, { type, by }: Extract<Act, { type: 'go' | 'hold' | 'skip' }>) {
  if (type === 'hold' && item.held) return 'it is held already';
  if (item.phase === 'gate') return type === 'go' && item.held && by === AGENDA ? 'it is held' : undefined;
  if (type === 'hold') return item.alone ? 'the run goes on by itself; it can only be stopped' : undefined;
  if (type === 'go') return item.held ? undefined : 'nothing is held';
  return item.waiting ? undefined : 'no step is held back; a step that has begun is not left out';
}

function open({ id, gameDay, t }: Extract<GameDayEvent, { type: 'opened' }>): GameDayState {
  const items = gameDay.agenda.map(() => AHEAD);
  const fresh = {
    id,
    gameDay,
    startedAt: t,
    endedAt: null,
    stopped: null,
    joined: [],
    driver: null,
    items,
    current: 0,
    log: [],
  };
  return settle(fresh, t);
}

/** Who says something is there. */
function withSpeaker(state: GameDayState, event: GameDayEvent): GameDayState {
  if (!('by' in event) || state.joined.includes(event.by)) return state;
  const known = state.gameDay.people.some(({ name }) => name === event.by);
  return known ? { ...state, joined: [...state.joined, event.by] } : state;
}

function advance(state: GameDayState, event: Exclude<GameDayEvent, { type: 'opened' }>): GameDayState {
  const { current } = state;
  const change = (index: number, more: Partial<ItemState>): GameDayState => ({
    ...state,
    items: state.items.map((item, at) => (at === index ? { ...item, ...more } : item)),
  });
  const item = state.items[current];
  switch (event.type) {
    case 'driving':
      return { ...state, driver: event.place };
    case 'joined':
    case 'noted':
      return state;
    case 'predicted': {
      const { t, by, text } = event;
      const others = state.items[event.item]!.predictions.filter((one) => one.by !== by);
      return change(event.item, { predictions: [...others, { t, by, text }] });
    }
    case 'hold':
      return change(current, { held: true });
    case 'go':
    case 'skip': {
      if (item?.phase === 'gate')
        return event.type === 'go'
          ? change(current, { phase: 'running', since: event.t, held: false, refused: null })
          : change(current, { phase: 'skipped', held: false });
      const answer = event.type === 'go' ? 'play' : 'skip';
      const answers = item?.waiting ? { ...item.answers, [item.waiting.index]: answer } : item?.answers;
      return change(current, { held: false, waiting: null, answers } as Partial<ItemState>);
    }
    case 'stopped':
      return { ...state, stopped: { by: event.by, reason: event.reason } };
    default:
      return change(event.item, changeBy(state.items[event.item]!, event));
  }
}

function changeBy({ runs }: ItemState, event: Progress): Partial<ItemState> {
  switch (event.type) {
    case 'run-started':
      return { run: event.run, runs: [...runs, event.run] };
    case 'run-refused':
      return {
        phase: 'gate',
        run: null,
        alone: false,
        held: false,
        step: null,
        waiting: null,
        refused: event.reason,
      };
    case 'run-alone':
      return { alone: true, held: false, waiting: null };
    case 'step-waiting':
      return { waiting: { index: event.index, name: event.name } };
    case 'step-begun':
      return { step: { index: event.index, name: event.name } };
    case 'run-ended': {
      const { verdict, exit, sentence } = event;
      return { phase: 'played', held: false, waiting: null, end: { verdict, exit, sentence } };
    }
  }
}

/** Brings the next item to its gate, or the game day to its end. */
function settle(state: GameDayState, t: string): GameDayState {
  const next = state.items.findIndex(({ phase }) => phase !== 'played' && phase !== 'skipped');
  const current = next === -1 ? state.items.length : next;
  const running = state.items[current]?.phase === 'running';
  if (current === state.items.length || (state.stopped && !running))
    return { ...state, current, endedAt: state.endedAt ?? t };
  if (state.items[current]!.phase !== 'ahead') return { ...state, current };
  const items = state.items.map((item, index) =>
    index === current ? { ...item, phase: 'gate' as const, since: t } : item,
  );
  return { ...state, current, items };
}

/** For the timeline; predictions and what becomes of runs are told elsewhere. */
function told(before: GameDayState, event: GameDayEvent): readonly LogEntry[] {
  const at = before.current < before.items.length ? before.current : null;
  const item = at === null ? undefined : before.items[at];
  const entry = (by: string, kind: LogEntry['kind'], text: string): LogEntry[] => [
    { t: event.t, by, kind, text, item: at, step: item?.waiting ?? item?.step ?? null },
  ];
  switch (event.type) {
    case 'noted':
      return entry(event.by, 'note', event.text);
    case 'go':
      return entry(event.by, 'act', item?.phase === 'gate' ? 'opened the gate' : 'let the step go');
    case 'hold':
      if (event.by === AGENDA)
        return entry(AGENDA, 'act', 'keeps the gate shut: its time passed while nobody played');
      return entry(event.by, 'act', item?.phase === 'gate' ? 'held the gate' : 'asked to hold the next step');
    case 'skip':
      return entry(event.by, 'act', item?.phase === 'gate' ? 'left the item out' : 'left the step out');
    case 'stopped':
      return entry(event.by, 'act', `stopped the game day: ${event.reason}`);
    case 'run-refused':
      return entry('Faultline', 'act', `the run did not begin: ${event.reason}`);
    default:
      return [];
  }
}
