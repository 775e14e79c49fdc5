import type { JournalEvent } from '../../core/journal.ts';
import { RunProgress } from '../../experiments/progress.ts';
import { type Milestone, milestone } from './milestones.ts';
import { type Paint, paintFor } from './paint.ts';
import { liveView, statusLine } from './view.ts';

/** Tells a run's story while it happens. */
export interface Reporter {
  take(event: JournalEvent): void;
  /** Clears what is drawn and draws no more. */
  close(): void;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 250;
const STATUS_EVERY_MS = 5000;
/** Room that the time takes, in columns. */
const INDENT = 9;
const MIN_ROOM = 30;

/** JSON lines of the journal's events, for machines. */
export function jsonReporter(out: Terminal): Reporter {
  return { take: (event) => out.write(`${JSON.stringify(event)}\n`), close: () => {} };
}

/** For people: a live view on a terminal, plain lines elsewhere. */
export function textReporter(out: Terminal): Reporter {
  return out.isTTY ? liveReporter(out) : plainReporter(out);
}

function plainReporter(out: Terminal): Reporter {
  const progress = new RunProgress();
  let lastStatus = 0;
  return {
    take(event) {
      progress.take(event);
      const said = milestone(event, progress);
      if (said) {
        for (const line of milestoneLines(said, event.mono, paintFor(out))) out.write(`${line}\n`);
      } else if (event.mono - lastStatus >= STATUS_EVERY_MS && progress.phase !== 'checks') {
        lastStatus = event.mono;
        out.write(`${stamp(event.mono)} ${statusLine(progress, event.mono)}\n`);
      }
    },
    close: () => {},
  };
}

function liveReporter(out: Terminal): Reporter {
  const progress = new RunProgress();
  const paint = paintFor(out);
  let drawn = 0;
  let offset = 0;
  const clear = () => {
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = () => {
    clear();
    const lines = liveView(progress, performance.now() - offset, paint).map((line) =>
      cut(line, out.columns ?? 100),
    );
    if (lines.length > 0) out.write(`\n${lines.join('\n')}\n`);
    drawn = lines.length > 0 ? lines.length + 1 : 0;
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    take(event) {
      offset = performance.now() - event.mono;
      progress.take(event);
      const said = milestone(event, progress);
      if (!said) return;
      clear();
      for (const line of milestoneLines(said, event.mono, paint, out.columns)) out.write(`${line}\n`);
      draw();
    },
    close() {
      clearInterval(timer);
      clear();
    },
  };
}

function milestoneLines(
  said: Milestone,
  mono: number,
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
): string[] {
  const room = Math.max(MIN_ROOM, width - INDENT);
  const [head = '', ...rest] = wrap(said.text, room).map((line) => paint(said.tone, line));
  const details = (said.details ?? [])
    .flatMap((detail) => wrap(detail, room))
    .map((line) => paint('quiet', line));
  return [
    `${paint('quiet', stamp(mono))} ${head}`,
    ...[...rest, ...details].map((line) => `${' '.repeat(INDENT)}${line}`),
  ];
}

/** Breaks a text between words; a word longer than the room stays whole. */
function wrap(text: string, room: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

function stamp(mono: number): string {
  return `${(mono / 1000).toFixed(1)} s`.padStart(8);
}

/** Cuts to the terminal's width, so that a line never wraps and the redraw counts right. Escape codes take no room. */
function cut(line: string, width: number): string {
  let seen = 0;
  let result = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour is a control character.
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (part.startsWith('\x1b')) result += part;
    else {
      result += part.slice(0, Math.max(0, width - seen));
      seen += part.length;
    }
  }
  return result;
}
