import { FaultlineError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Act } from '../../gameday/contract.ts';
import type { GameDayState } from '../../gameday/state.ts';

/** What a line typed at a game day asks for. */
export type Command = Act | { readonly type: 'help' } | { readonly type: 'leave' };

export const HELP = `  go                    open the gate, or let the held step begin
  hold                  keep the gate shut, or hold the run before its next step
  skip                  leave the item out at its gate, or the step that is held
  predict NAME WORDS    what NAME expects; "held", "deviated" or "aborted" as the first word is judged
  note WORDS            into the timeline; "note action: @NAME WORDS" is an action item, of NAME where there is one
  as NAME               who types from now on
  stop [WHY]            end the run by its rollback, and the game day
  leave                 end this terminal only; the same command goes on where it was
`;

const COMMANDS = ['go', 'hold', 'skip', 'predict', 'note', 'as', 'stop', 'leave', 'help'] as const;

/**
 * Reads a line that `by` has typed, seeing `state`; undefined for an empty one.
 * @throws FaultlineError NOT_A_COMMAND
 */
export function readCommand(line: string, by: string, state: GameDayState): Command | undefined {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line)!;
  switch (word) {
    case '':
      return undefined;
    case 'go':
    case 'hold':
    case 'skip': {
      const aim = { item: state.current, gate: state.items[state.current]?.phase === 'gate' };
      return { type: word, by, aim };
    }
    case 'help':
    case 'leave':
      return { type: word };
    case 'stop':
      return { type: 'stopped', by, reason: rest || 'stopped by hand' };
    case 'as':
      if (rest) return { type: 'joined', by: rest };
      break;
    case 'note':
      if (rest) return { type: 'noted', by, text: rest };
      break;
    case 'predict': {
      const { person, text } = personIn(rest, state);
      if (text) return { type: 'predicted', by: person, item: toPredict(state), text };
    }
  }
  throw new FaultlineError('NOT_A_COMMAND', { line: line.trim(), suggestion: didYouMean(word, COMMANDS) });
}

/** Names may have several words. */
function personIn(text: string, { gameDay: { people } }: GameDayState): { person: string; text: string } {
  const names = people.map(({ name }) => name).sort((a, b) => b.length - a.length);
  const person = names.find((name) => text.startsWith(`${name} `)) ?? text.split(/\s/)[0]!;
  return { person, text: text.slice(person.length).trim() };
}

/** The item at its gate; while one is played, the next. */
function toPredict({ items, current }: GameDayState): number {
  return items[current]?.phase === 'gate' ? current : current + 1;
}
