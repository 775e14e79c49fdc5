import type { Freeze, OpenWindow, SafetyLimits } from '../../core/limits.ts';
import { parseDays, parseTime } from './days.ts';

type Calendar = Pick<SafetyLimits, 'windows' | 'freezes'>;

/** Whether experiments may run at `wallMs` (since the Unix epoch): within a window, if there are any, and in no freeze. */
export function isOpen(limits: Calendar, wallMs: number): boolean {
  return closedBecause(limits, wallMs) === undefined;
}

/** Why experiments may not run at `wallMs`, in a sentence without a full stop; undefined when they may. */
export function closedBecause(limits: Calendar, wallMs: number): string | undefined {
  const freeze = limits.freezes.find((one) => within(one, wallMs));
  if (freeze) return `a freeze holds from ${freeze.from} to ${freeze.to} (${freeze.zone})`;
  if (limits.windows.length === 0 || limits.windows.some((one) => covers(one, wallMs))) return undefined;
  const windows = limits.windows.map(({ days, from, to, zone }) => `${days} ${from}-${to} ${zone}`);
  return `it is outside the windows for experiments: ${windows.join('; ')}`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Windows come again every week. */
const WEEK_MINUTES = 8 * 24 * 60;
/** Freezes that end later than that are as good as endless. */
const FARTHEST_MS = 3 * 366 * 24 * HOUR_MS;

/** The first minute within `spanMs` from `wallMs` in which experiments may not run, and why. */
export function closesWithin(
  limits: Calendar,
  wallMs: number,
  spanMs: number,
): { readonly at: number; readonly reason: string } | undefined {
  if (limits.windows.length + limits.freezes.length === 0) return undefined;
  for (let at = nextMinute(wallMs); at < wallMs + spanMs; at += MINUTE_MS) {
    const reason = closedBecause(limits, at);
    if (reason !== undefined) return { at, reason };
  }
  return undefined;
}

/** The first minute from `wallMs` on in which experiments may run; undefined where there is none in three years. */
export function nextOpening(limits: Calendar, wallMs: number): number | undefined {
  if (isOpen(limits, wallMs)) return wallMs;
  let at = nextMinute(wallMs);
  let minutes = 0;
  while (at < wallMs + FARTHEST_MS && minutes <= WEEK_MINUTES) {
    if (isOpen(limits, at)) return at;
    const anHourOn = at + HOUR_MS;
    // A freeze lasts for days: it is passed by the hour, and its last hour by the minute.
    if (isFrozen(limits, at) && isFrozen(limits, anHourOn)) {
      at = anHourOn;
      minutes = 0;
    } else {
      at += MINUTE_MS;
      minutes++;
    }
  }
  return undefined;
}

function isFrozen({ freezes }: Calendar, wallMs: number): boolean {
  return freezes.some((one) => within(one, wallMs));
}

function nextMinute(wallMs: number): number {
  return Math.floor(wallMs / MINUTE_MS + 1) * MINUTE_MS;
}

/** Both days belong to a freeze, as the clocks of its zone count them. */
function within(freeze: Freeze, wallMs: number): boolean {
  const { date } = localTime(wallMs, freeze.zone);
  return freeze.from <= date && date <= freeze.to;
}

/**
 * By what the zone's clocks show: an hour that daylight saving skips never opens, one that it repeats is open twice.
 * A window that ends before it begins runs past midnight and belongs to the day on which it begins.
 */
function covers(window: OpenWindow, wallMs: number): boolean {
  const { weekday, minutes } = localTime(wallMs, window.zone);
  const days = parseDays(window.days);
  const from = parseTime(window.from);
  const to = parseTime(window.to);
  if (from < to) return days.has(weekday) && from <= minutes && minutes < to;
  return (days.has(weekday) && from <= minutes) || (days.has((weekday + 6) % 7) && minutes < to);
}

function localTime(wallMs: number, zone: string): { date: string; weekday: number; minutes: number } {
  const part = Object.fromEntries(
    formatOf(zone)
      .formatToParts(wallMs)
      .map(({ type, value }) => [type, value]),
  );
  const date = `${part.year}-${part.month}-${part.day}`;
  return {
    date,
    weekday: new Date(`${date}T00:00:00Z`).getUTCDay(),
    minutes: Number(part.hour) * 60 + Number(part.minute),
  };
}

/** Making one takes a hundred times as long as using it. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  FORMATS.set(zone, format);
  return format;
}
