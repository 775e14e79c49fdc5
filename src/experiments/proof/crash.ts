import { writeSync } from 'node:fs';
import type { JournalType } from '../../core/journal.ts';

/** What goes wrong, and at which event of the journal. */
export interface Crash {
  readonly kind: CrashKind;
  readonly at: JournalType;
  /** The how manieth event of that type, from 1. */
  readonly nth: number;
}

/** What a crash done within the controller's process can reach. */
export interface ControllerReach {
  readonly dataPlanePid?: number;
  /** From now on the journal's disk takes nothing more. */
  fillDisk(): void;
  /** Moves the wall clock, and not the monotonic one. */
  jumpClock(ms: number): void;
}

/** What a crash done from outside can reach. */
export interface OutsideReach {
  halt(): Promise<void>;
  writeStopFile(): void;
  cutControl(): void;
  startSecondRun(): void;
  killUpstream(): Promise<void>;
  killService(): Promise<void>;
}

export interface CrashFacts {
  /** What happens, for people. */
  readonly sentence: string;
  /** How a run that meets it may end by itself; empty where it cannot. */
  readonly exits: readonly number[];
  /** It does not end the faults: the run plays on. */
  readonly harmless?: true;
  /** The process has no say any more: the run is for `recover` to end. */
  readonly deadly?: true;
  readonly within?: (reach: ControllerReach) => void;
  readonly outside?: (reach: OutsideReach) => void | Promise<void>;
}

const DAY_MS = 86_400_000;

/** Too early it spoils the baseline, too late it changes nothing any more. */
const serviceKilled = (name: string) => ({
  sentence: `SIGKILL to the ${name} that a probe asks`,
  harmless: true as const,
  exits: [0, 1, 3, 6],
  outside: ({ killService }: OutsideReach) => killService(),
});

export const CRASHES = {
  none: { sentence: 'the run plays to its end', exits: [0], harmless: true },
  'controller killed': {
    sentence: 'SIGKILL to the controller',
    exits: [],
    deadly: true,
    within: () => process.kill(process.pid, 'SIGKILL'),
  },
  'controller frozen': {
    sentence: 'SIGSTOP to the controller, SIGCONT when its lease is long over',
    // Frozen while no fault was in force it may go on as if nothing had been; frozen behind them, recovery comes late.
    exits: [0, 1, 3, 5],
    within: () => process.kill(process.pid, 'SIGSTOP'),
  },
  'data plane killed': {
    sentence: 'SIGKILL to the data plane',
    exits: [0, 3, 5, 6],
    within: ({ dataPlanePid }) => {
      if (dataPlanePid !== undefined) process.kill(dataPlanePid, 'SIGKILL');
    },
  },
  'Ctrl-C': {
    sentence: 'SIGINT to the controller',
    exits: [0, 5],
    within: () => process.kill(process.pid, 'SIGINT'),
  },
  halted: {
    sentence: 'POST /halt at the data plane',
    exits: [0, 3, 5, 6],
    outside: ({ halt }) => halt(),
  },
  'stop file': {
    sentence: 'the stop file appears',
    exits: [0, 5, 6],
    outside: ({ writeStopFile }) => writeStopFile(),
  },
  'disk full': {
    sentence: 'the journal can no longer be written',
    exits: [0, 5, 6],
    within: ({ fillDisk }) => fillDisk(),
  },
  'clock set forward': {
    sentence: 'the wall clock jumps a day ahead',
    harmless: true,
    exits: [0],
    within: ({ jumpClock }) => jumpClock(DAY_MS),
  },
  'clock set back': {
    sentence: 'the wall clock jumps a day back',
    harmless: true,
    exits: [0],
    within: ({ jumpClock }) => jumpClock(-DAY_MS),
  },
  'control cut': {
    sentence: 'the controller can no longer reach the control API',
    // Nobody can prove over a cut line that nothing is left: that is said aloud, by exit code 4.
    exits: [0, 3, 4, 5, 6],
    outside: ({ cutControl }) => cutControl(),
  },
  'second run': {
    sentence: 'another run is started beside it',
    harmless: true,
    exits: [0, 6],
    outside: ({ startSecondRun }) => startSecondRun(),
  },
  'upstream killed': {
    sentence: 'the server behind a proxy dies',
    harmless: true,
    exits: [0, 6],
    outside: ({ killUpstream }) => killUpstream(),
  },
  'Redis killed': serviceKilled('Redis'),
  'Postgres killed': serviceKilled('Postgres'),
} as const satisfies Record<string, CrashFacts>;

export type CrashKind = keyof typeof CRASHES;

export function factsOfCrash(kind: CrashKind): CrashFacts {
  return CRASHES[kind];
}

/** The line by which a controller tells that its crash is about to happen. */
export const CRASH_LINE = '{"crash":true}';

/** Calls `happen` in the very call in which the journal tells of the event, so that nothing is done after it. */
export function crashAt(crash: Crash, happen: () => void): (event: { readonly type: JournalType }) => void {
  let seen = 0;
  return ({ type }) => {
    if (type !== crash.at || ++seen !== crash.nth) return;
    // Past the stream's own buffer: the process may not live to flush it.
    writeSync(1, `${CRASH_LINE}\n`);
    happen();
  };
}
