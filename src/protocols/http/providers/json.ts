import type { JsonObject } from './contract.ts';

/** An object, or undefined for what is none. */
export function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The objects of a list; none where there is no list. */
export function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((entry) => object(entry) !== undefined) : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The JSON object that a text is, or undefined. */
export function parseObject(value: string): JsonObject | undefined {
  try {
    return object(JSON.parse(value));
  } catch {
    return undefined;
  }
}

/** The sum of those fields that are numbers; undefined where none is. */
export function sum(of: JsonObject | undefined, ...names: readonly string[]): number | undefined {
  const numbers = names.map((name) => of?.[name]).filter((value) => typeof value === 'number');
  return numbers.length > 0 ? numbers.reduce((total, value) => total + value, 0) : undefined;
}

/** The first half of a text, rounded down. */
export function half(value: string): string {
  return value.slice(0, Math.floor(value.length / 2));
}

/** Arguments that come as an object, without the last half of their members. */
export function halfOf(value: unknown): JsonObject {
  const members = Object.entries(object(value) ?? {});
  return Object.fromEntries(members.slice(0, Math.floor(members.length / 2)));
}

/** Counts fragments of arguments: so many pass whole, the next by half, and what follows is too late. */
export class Fragments {
  #left: number;
  done = false;

  constructor(passing: number) {
    this.#left = passing;
  }

  /** What passes of a fragment. */
  pass(fragment: string): string {
    if (this.take()) return fragment;
    return half(fragment);
  }

  /** Whether a fragment passes whole. */
  take(): boolean {
    if (this.#left-- > 0) return true;
    this.done = true;
    return false;
  }
}
