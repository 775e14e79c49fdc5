import { CronTime } from 'cron';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** About so many are walked through one by one. */
const MOST_COUNTED = 500;

export interface Occurrences {
  /** The first after `wallMs`, ms since the Unix epoch. */
  after(wallMs: number): number;
  /** The first `most` after `wallMs`; fewer where they lie more than 8 years ahead, which is as far as anybody looks. */
  coming(wallMs: number, most: number): readonly number[];
  /**
   * Those after `fromMs` up to `toMs`, the newest `most` at most, and how many there are before these: Infinity where there
   * are so many that counting them would keep everything else waiting.
   */
  between(
    fromMs: number,
    toMs: number,
    most: number,
  ): { readonly last: readonly number[]; readonly more: number };
}

/**
 * When a cron expression is due in a time zone. Where clocks go forward, what falls into the gap is due at its end; where they go
 * back, an hour given by its number is due once, at its first passing, and `*` in both.
 * @throws Error with a sentence: not an expression, not a zone, or never due
 */
export function occurrencesOf(cron: string, zone: string): Occurrences {
  const time = parse(cron, zone);
  const local = localClock(zone);
  const [seconds, minutes, hours] = time.toJSON().map(numbers);
  const due = (wallMs: number) => {
    const { hour, minute, second } = local(wallMs);
    return covers(hours, hour) && covers(minutes, minute) && covers(seconds, second);
  };
  const after = (wallMs: number): number => {
    const next = time.getNextDateFrom(new Date(wallMs), zone).toMillis();
    if (due(next)) return next;
    // The library puts what falls into a gap an hour on; where clocks move by less, that is no end of it.
    const end = endOfGap(local, next);
    return end > wallMs ? end : time.getNextDateFrom(new Date(end), zone).toMillis();
  };
  after(Date.now());
  return {
    after,
    coming(wallMs, most) {
      const times: number[] = [];
      try {
        for (let at = wallMs; times.length < most; times.push(at)) at = after(at);
      } catch {
        // That there is one at all was found out before.
      }
      return times;
    },
    between(fromMs, toMs, most) {
      const first = after(fromMs);
      if (first > toMs) return { last: [], more: 0 };
      const gap = after(first) - first;
      for (let walked = MOST_COUNTED; ; walked *= 2) {
        const start = Math.max(fromMs, toMs - walked * gap);
        const all = between(after, start, toMs);
        // An expression with long pauses may have none in its last stretch.
        if (all.length === 0 && start > fromMs) continue;
        const last = all.slice(-most);
        return { last, more: start > fromMs ? Infinity : all.length - last.length };
      }
    },
  };
}

function between(after: Occurrences['after'], fromMs: number, toMs: number): readonly number[] {
  const all: number[] = [];
  for (let at = after(fromMs); at <= toMs; at = after(at)) all.push(at);
  return all;
}

function parse(cron: string, zone: string): CronTime {
  try {
    const time = new CronTime(cron, zone);
    time.getNextDateFrom(new Date(), zone);
    return time;
  } catch (error) {
    const reason = (error as Error).message;
    if (/no execution date/i.test(reason))
      throw new Error(`"${cron}" is never due: no such day comes within 8 years`);
    if (/timezone/i.test(reason))
      throw new Error(`"${zone}" is not a time zone: write it as Europe/Rome or UTC`);
    throw new Error(
      `"${cron}" is not a cron expression (${reason.split('\n')[0]}): write five fields, as in "0 2 * * mon-fri"`,
    );
  }
}

interface LocalTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Minutes before UTC's. */
  readonly offset: number;
}

function localClock(zone: string): (wallMs: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (wallMs) => {
    const part = Object.fromEntries(
      format.formatToParts(wallMs).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = part as Record<string, number>;
    const offset = (Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) - wallMs) / MINUTE_MS;
    return { hour: hour!, minute: minute!, second: second!, offset: Math.round(offset) };
  };
}

/** The moment within a day of `wallMs` at which the zone's clocks change. */
function endOfGap(local: (wallMs: number) => LocalTime, wallMs: number): number {
  let [before, after] = [wallMs - DAY_MS, wallMs + DAY_MS];
  const offset = local(before).offset;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (local(middle).offset === offset) before = middle;
    else after = middle;
  }
  return after;
}

/** `*` is undefined. */
function numbers(field: string): ReadonlySet<number> | undefined {
  return field === '*' ? undefined : new Set(field.split(',').map(Number));
}

function covers(field: ReadonlySet<number> | undefined, value: number): boolean {
  return field === undefined || field.has(value);
}
