import { FaultlineError } from './errors.ts';

const DURATIONS: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const SIZES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1000,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/**
 * Reads `250ms`, `4s`, `2m`, `1h30m` as milliseconds; a bare number is taken in `bareUnit` (default milliseconds).
 * @throws FaultlineError BAD_DURATION
 */
export function parseDuration(value: string | number, bareUnit: keyof typeof DURATIONS = 'ms'): number {
  const bare =
    typeof value === 'number' ? value : /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
  if (bare !== undefined) {
    if (Number.isFinite(bare) && bare >= 0) return bare * DURATIONS[bareUnit]!;
    throw new FaultlineError('BAD_DURATION', { value });
  }
  const text = String(value).trim();
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text)
    throw new FaultlineError('BAD_DURATION', { value });
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * DURATIONS[unit!]!, 0);
}

/**
 * Reads `64KiB`, `2MB` as bytes; a bare number is bytes.
 * @throws FaultlineError BAD_SIZE
 */
export function parseSize(value: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]i?B|B)?$/.exec(String(value).trim());
  if (!match) throw new FaultlineError('BAD_SIZE', { value });
  return Math.round(Number(match[1]) * SIZES[match[2] ?? 'B']!);
}

/**
 * Reads `25%` or `0.25` as a share from 0 to 1.
 * @throws FaultlineError BAD_SHARE
 */
export function parseShare(value: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*(%)?$/.exec(String(value).trim());
  const share = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN;
  if (!(share >= 0 && share <= 1)) throw new FaultlineError('BAD_SHARE', { value });
  return share;
}

/**
 * Reads `20/min`, `10/s` or a bare number a second, as a number a second.
 * @throws FaultlineError BAD_RATE
 */
export function parseRate(value: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:\/\s*(s|min))?$/.exec(String(value).trim());
  if (!match) throw new FaultlineError('BAD_RATE', { value });
  return Number(match[1]) / (match[2] === 'min' ? 60 : 1);
}

/** `12.5` → `12.5/s`, `0.5` → `30/min`. */
export function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 2 ? `${trim(perSecond * 60, 1)}/min` : `${trim(perSecond, 1)}/s`;
}

/** `250` → `250 ms`, `4000` → `4 s`, `90000` → `1 min 30 s`: for people to read. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (Math.abs(ms) < 1) return `${trim(ms * 1000, 0)} µs`;
  if (Math.abs(ms) < 1000) return `${trim(ms, ms < 10 ? 1 : 0)} ms`;
  if (Math.abs(ms) < 60_000) return `${trim(ms / 1000, 2)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms - minutes * 60_000) / 1000);
  if (seconds === 60) return `${minutes + 1} min`;
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}

/** `65536` → `64 KiB`. */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 1024],
  ] as const) {
    if (bytes >= factor) return `${trim(bytes / factor, 1)} ${unit}`;
  }
  return `${trim(bytes, 0)} B`;
}

/** `0.25` → `25%`. */
export function formatShare(share: number, digits = 2): string {
  return `${trim(share * 100, digits)}%`;
}

function trim(value: number, digits: number): string {
  return Number(value.toFixed(digits)).toString();
}

/** `1 connection`, `12 connections`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A value of an attribute with its unit, for people: `1.5 s`, `25%`, `64 KiB`, `12`. */
export function formatQuantity(value: number, unit: string): string {
  if (unit === 'ms') return formatDuration(value);
  if (unit === 'share') return formatShare(value);
  if (unit === 'bytes') return formatSize(value);
  return unit === 'count' || unit === '' ? trim(value, 3) : `${trim(value, 3)} ${unit}`;
}
