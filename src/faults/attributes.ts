import { z } from 'zod';
import { parseDuration, parseShare, parseSize } from '../core/units.ts';

/** Fields of a fault's attributes. Each takes a number in its unit or a text with one, and carries unit and description for tables. */

interface AttributeMeta {
  readonly unit: 'ms' | 'µs' | 'bytes' | 'KB/s' | 'share' | 'count' | 'text' | 'choice';
  readonly description: string;
}

/** A duration in ms: `250`, `"250ms"`, `"4s"`. */
export function milliseconds(description: string, fallback = 0) {
  return field((value) => parseDuration(value), fallback, { unit: 'ms', description });
}

/** A duration whose bare number is microseconds; read as microseconds. */
export function microseconds(description: string, fallback = 0) {
  return field((value) => parseDuration(value, 'us') * 1000, fallback, { unit: 'µs', description });
}

/** A size in bytes: `512`, `"64KiB"`. */
export function bytes(description: string, fallback = 0) {
  return field((value) => parseSize(value), fallback, { unit: 'bytes', description });
}

/** A rate of 1000 bytes a second, as Toxiproxy's `bandwidth` has it. */
export function kilobytesPerSecond(description: string, fallback = 0) {
  return field((value) => number(value), fallback, { unit: 'KB/s', description });
}

/** A share: `0.25`, `"25%"`. */
export function share(description: string, fallback = 0) {
  return field((value) => parseShare(value), fallback, { unit: 'share', description });
}

/** A whole number of things. */
export function count(description: string, fallback = 0, minimum = 0) {
  return z.int().min(minimum).default(fallback).meta({ unit: 'count', description });
}

export function choice<const T extends readonly [string, ...string[]]>(
  description: string,
  options: T,
  fallback: T[number],
) {
  return z
    .enum(options)
    .default(fallback as never)
    .meta({ unit: 'choice', description });
}

export function text(description: string, fallback = '') {
  return z.string().default(fallback).meta({ unit: 'text', description });
}

function field(read: (value: string | number) => number, fallback: number, meta: AttributeMeta) {
  return z
    .union([z.number(), z.string()])
    .default(fallback)
    .transform((value, context) => {
      try {
        const result = read(value);
        if (result >= 0) return result;
        context.addIssue({ code: 'custom', message: `${value} is below 0` });
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
      return z.NEVER;
    })
    .meta({ ...meta });
}

function number(value: string | number): number {
  const result = Number(value);
  if (Number.isFinite(result)) return result;
  throw new Error(`"${value}" is not a number`);
}
