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
  const part = Object.fromEntries(format.formatToParts(wallMs).map(({ type, value }) => [type, value]));
  const date = `${part.year}-${part.month}-${part.day}`;
  return {
    date,
    weekday: new Date(`${date}T00:00:00Z`).getUTCDay(),
    minutes: Number(part.hour) * 60 + Number(part.minute),
  };
}
