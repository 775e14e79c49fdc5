import { Command } from 'commander';
import { vi } from 'vitest';

/** The command line as it is declared, without running it. */
export async function commandLine(): Promise<Command> {
  let program: Command | undefined;
  const parse = vi.spyOn(Command.prototype, 'parseAsync').mockImplementation(async function (this: Command) {
    program = this;
    return this;
  });
  try {
    await import('../../src/cli/main.ts');
  } finally {
    parse.mockRestore();
  }
  return program!;
}

/** What is wrong with the words after `faultline`: a verb or a flag that there is not; undefined where nothing is. */
export function whyUnknown(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  for (const word of words) {
    if (word.startsWith('-')) {
      const flag = word.split('=')[0]!;
      const known = ['--help', '--version', ...command.options.flatMap(({ long, short }) => [long, short])];
      if (!known.includes(flag)) return `${command.name()} has no ${flag}`;
      continue;
    }
    const next: Command | undefined = command.commands.find((one) => one.name() === word);
    if (next) command = next;
    else if (command.commands.length > 0) return `${command.name()} has no verb ${word}`;
  }
  return undefined;
}

/** Command lines of `faultline` in a Markdown text: in code spans, and in lines of code blocks. */
export function commandsIn(markdown: string): readonly (readonly string[])[] {
  const blocks = [...markdown.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
    block!.split('\n'),
  );
  const spans = [...markdown.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code]) => code!,
  );
  return [...blocks, ...spans].flatMap((line) => {
    const found = /^(?:[$>] |npx |[A-Z_]+=\S+ |sudo )*faultline ([a-z-][^#&|>]*)/.exec(line.trim());
    return found ? [wordsOf(found[1]!)] : [];
  });
}

function wordsOf(text: string): readonly string[] {
  const words = text
    .replaceAll(/\\\||"[^"]*"|'[^']*'/g, 'quoted')
    .replaceAll(/[[\]…]/g, '')
    .trim();
  return words.split(/[\s,]+/).filter((word) => word !== '');
}
