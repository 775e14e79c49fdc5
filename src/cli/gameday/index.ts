import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import { EXIT } from '../../core/verdict.ts';
import { GameDayDriver } from '../../gameday/driver.ts';
import { loadGameDay } from '../../gameday/load.ts';
import { type GameDayLog, openGameDay } from '../../gameday/log.ts';
import { type GameDayState, isOver, opensAt } from '../../gameday/state.ts';
import { type GameDayView, viewerOf, viewOf } from '../../gameday/view.ts';
import { RunLauncher } from '../../server/runs/launcher.ts';
import { onInterrupt } from '../interrupt.ts';
import { HELP, readCommand } from './command.ts';
import { news } from './told.ts';

interface GameDayFlags {
  readonly file: string;
  readonly experiments?: string;
  readonly limits?: string;
  /** Who types. */
  readonly as?: string;
}

const REPORT = 'report.html';

const LOOK_MS = 200;

/** How often is tried to take over from a process that has ended. */
const TAKE_OVER_MS = 2000;

/** `faultline gameday`: plays a game day from this terminal, or takes part in one that another process plays. */
export async function gameday({ file, experiments, limits, as }: GameDayFlags): Promise<number> {
  const cwd = process.cwd();
  const folder = resolve(experiments ?? shelfOf(file));
  const launcher = new RunLauncher({
    folder,
    limits,
    cwd,
    command: [process.execPath, ...process.execArgv, process.argv[1]!],
  });
  const log = openGameDay(loadGameDay({ file, cwd, experiments: await launcher.experiments(), folder }), cwd);
  if (as !== undefined) log.append({ type: 'joined', by: as });
  let driver: GameDayDriver | undefined;
  const drive = () => {
    driver ??= GameDayDriver.start({ log, launcher, cwd, place: 'terminal', clock: systemClock });
    return driver;
  };
  const interrupt = onInterrupt();
  try {
    await converse(log, drive, as, interrupt.signal);
  } finally {
    driver?.close();
    launcher.close();
    interrupt.end();
  }
  return conclude(log);
}

/** Until the game day is over, or this terminal leaves it. */
function converse(
  log: GameDayLog,
  drive: () => GameDayDriver | undefined,
  as: string | undefined,
  interrupted: AbortSignal,
): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const lines = createInterface({ input: process.stdin, terminal: false });
  let speaker = as ?? leadOf(log.state!);
  let told: GameDayView | undefined;
  let seen = log.state!;
  let driver = drive();
  let lastTry = Date.now();
  let trouble: string | undefined;
  let leaves = false;
  const tell = () => {
    const state = log.state!;
    const view = viewOf(state, viewerOf(state, speaker));
    for (const line of news(told, view)) say(line);
    told = view;
    seen = state;
    return state;
  };
  const takeOver = () => {
    if (driver || Date.now() - lastTry < TAKE_OVER_MS) return;
    lastTry = Date.now();
    try {
      driver = drive();
      if (driver) say('The process that played this game day has ended; it is played from here now.');
    } catch {
      // A disk that takes nothing now is asked again.
    }
  };
  const complain = () => {
    const now = driver?.trouble;
    if (now !== undefined && now !== trouble) say(`  ${now}`);
    if (now === undefined && trouble !== undefined) say('  It is recorded again.');
    trouble = now;
  };
  return new Promise((done) => {
    const end = () => {
      clearInterval(timer);
      lines.close();
      // A pipe that its other end leaves open would keep this process.
      process.stdin.destroy();
      done();
    };
    const look = () => {
      const state = tell();
      if (!isOver(state) && !leaves) takeOver();
      complain();
      // Nobody who has left can open a gate; a run under way is seen to its end.
      const idle = !driver || (!driver.playing && (opensAt(state) === undefined || interrupted.aborted));
      // A report that cannot be written now is waited for.
      const over = isOver(state) && (!driver || existsSync(join(log.folder, REPORT)));
      if (over || (leaves && idle)) end();
    };
    const timer = setInterval(look, LOOK_MS);
    interrupted.addEventListener('abort', () => {
      leaves = true;
      driver?.stopRun('stopped at the terminal', speaker);
    });
    lines.once('close', () => {
      leaves = true;
    });
    lines.on('line', (line) => {
      try {
        const command = readCommand(line, speaker, seen);
        if (command?.type === 'help') say(HELP);
        else if (command?.type === 'leave') leaves = true;
        else if (command) {
          log.append(command);
          if (command.type === 'joined') speaker = command.by;
          tell();
          driver?.look();
        }
      } catch (error) {
        if (!(error instanceof FaultlineError)) throw error;
        say(`  ${error.message}`);
        // Taking back waits for no record.
        if (error.code === 'GAME_DAY_NOT_WRITTEN' && /^\s*stop\b/.test(line))
          driver?.stopRun('stopped at the terminal', speaker);
      }
      look();
    });
    if (!driver) say('Another process plays this game day; you take part in it from here.');
    look();
    say(`You are ${speaker}; "help" tells what can be typed.`);
  });
}

/** 0 when it is over, 5 while it is not, 4 where a rollback is not proven. */
function conclude(log: GameDayLog): number {
  const state = log.state!;
  const unproven = state.items.some(({ end }) => end?.exit === EXIT.rollbackNotProven);
  if (unproven)
    process.stdout.write('A rollback is not proven: look at the data plane before anything else.\n');
  if (isOver(state)) process.stdout.write(`\nreport: ${relative(process.cwd(), join(log.folder, REPORT))}\n`);
  else process.stdout.write('\nIt is not over: the same command goes on where it is.\n');
  if (unproven) return EXIT.rollbackNotProven;
  return isOver(state) ? EXIT.held : EXIT.inconclusive;
}

function leadOf({ gameDay: { people } }: GameDayState): string {
  return (people.find(({ role }) => role === 'lead') ?? people[0]!).name;
}

/** Game days lie in a folder of their own beside the experiments, or among them. */
function shelfOf(file: string): string {
  const folder = dirname(resolve(file));
  return basename(folder) === 'gamedays' ? dirname(folder) : folder;
}
