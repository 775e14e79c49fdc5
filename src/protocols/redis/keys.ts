import type { Command } from './commands.ts';

/** The arguments of a command, its name first; those that were not kept are undefined. */
export interface Arguments {
  readonly argc: number;
  readonly command: Command;
  argument(index: number): Buffer | undefined;
  text(index: number): string | undefined;
  /** As text, upper case. */
  word(index: number): string;
}

/** Keys looked at in one command; a glob is not tried on more. */
const MOST_KEYS = 256;

/** Where the keys of a command are among its arguments, as far as they can be told from what was kept. */
export function keyPositions(given: Arguments): readonly number[] {
  const { keys } = given.command;
  switch (keys.at) {
    case 'none':
      return [];
    case 'range': {
      const last = keys.last < 0 ? given.argc + keys.last : keys.last;
      return steps(keys.first, Math.min(last, given.argc - 1), keys.step);
    }
    case 'counted': {
      const count = Number(given.word(keys.count));
      const own = keys.also === undefined ? [] : [keys.also];
      if (!Number.isInteger(count)) return own;
      const first = keys.count + 1;
      return [...own, ...steps(first, Math.min(first + count, given.argc) - 1, 1)];
    }
    case 'streams': {
      const first = streamOption(given, 'STREAMS') + 1;
      return first === 0 ? [] : steps(first, first + Math.floor((given.argc - first) / 2) - 1, 1);
    }
    case 'words':
      return [1, ...keys.words.map((word) => find(given, word) + 1)].filter(
        (position) => position > 0 && position < given.argc,
      );
  }
}

/** Whether a command that may block does so here. */
export function isBlocking(given: Arguments): boolean {
  const { blocks, keys } = given.command;
  return blocks && (keys.at !== 'streams' || streamOption(given, 'BLOCK') > 0);
}

/** Index of an option of XREAD or XREADGROUP; -1 where it is not given. A group may well be named as an option is. */
function streamOption(given: Arguments, option: string): number {
  for (let index = 1; index < given.argc; ) {
    if (!given.argument(index)) return -1;
    const word = given.word(index);
    if (word === option) return index;
    if (word === 'STREAMS') return -1;
    index += word === 'GROUP' ? 3 : word === 'BLOCK' || word === 'COUNT' ? 2 : 1;
  }
  return -1;
}

/** Index of the first argument that is this word; -1 for none. */
function find(given: Arguments, word: string): number {
  for (let index = 1; index < given.argc; index++) {
    const argument = given.argument(index);
    if (!argument) return -1;
    if (argument.length === word.length && given.word(index) === word) return index;
  }
  return -1;
}

/** The keys themselves; one alone as it is. */
export function keysOf(given: Arguments): string | readonly string[] {
  const { keys: where } = given.command;
  if (where.at === 'range' && where.first === where.last) return given.text(where.first) ?? [];
  const positions = keyPositions(given);
  if (positions.length === 1) return given.text(positions[0]!) ?? [];
  return positions.map((position) => given.text(position)).filter((key) => key !== undefined);
}

function steps(first: number, last: number, step: number): readonly number[] {
  const positions: number[] = [];
  for (let at = first; at <= last && positions.length < MOST_KEYS; at += step) positions.push(at);
  return positions;
}
