import { dirname, join } from 'node:path';
import type { JournalEventOf } from '../core/journal.ts';
import { EXIT } from '../core/verdict.ts';
import { GameDayLog } from '../gameday/log.ts';
import { gameDayBehind } from '../gameday/runs.ts';
import { hidesRun } from '../gameday/view.ts';
import type { Notice, Occasion } from './contract.ts';

const HEADLINES: Readonly<Partial<Record<Occasion, string>>> = {
  start: 'A blind item of a game day has begun',
  step: 'A blind item of a game day: a step is over',
  breach: 'A blind item of a game day: a safety limit was breached',
  rollback: 'A blind item of a game day: everything is taken back',
  end: 'A blind item of a game day was refused',
};

/** Whether a run is that of a blind item that is not over: a channel is read by observers too. */
export function blindness(folder: string, { run, by }: JournalEventOf<'run-started'>): () => boolean {
  const id = gameDayBehind(by);
  if (id === undefined) return () => false;
  const log = new GameDayLog(join(dirname(dirname(folder)), 'gamedays', id));
  return () => {
    const { state } = log;
    return state !== undefined && hidesRun(state, run);
  };
}

/** With its end an item is over, but where nothing was injected: it is at its gate again. */
export function endsBlindness({ occasion, exit }: Notice): boolean {
  return occasion === 'end' && exit !== EXIT.refused;
}

/** That something happened, and when; not what, nor by which experiment. */
export function veiledNotice({ occasion, at, from, headline }: Notice): Notice {
  const unproven = headline.endsWith('NOT proven');
  return {
    occasion,
    at,
    ...(from === undefined ? {} : { from }),
    headline: unproven
      ? 'A blind item of a game day: the rollback is NOT proven, stop the game day and look'
      : (HEADLINES[occasion] ?? 'A blind item of a game day'),
    text: 'What it does is told when it is over.',
  };
}
