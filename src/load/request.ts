import { seededUnit } from '../core/hash.ts';
import type { ScenarioRequest } from '../core/plan.ts';
import { parseSize } from '../core/units.ts';

/** A request as it goes out. */
export type Prepared = Pick<ScenarioRequest, 'method' | 'path' | 'headers' | 'body' | 'command'>;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What the placeholders of one go through a scenario stand for. */
export interface Going {
  readonly seed: number;
  /** Counts the goes from 0. */
  readonly n: number;
  readonly user: number;
  /** What earlier requests of this go saved. */
  readonly saved: Map<string, string>;
}

const PLACEHOLDER = /\{(?:(\d+)\.\.(\d+)|text:(\d+(?:\.\d+)?\s*(?:[KM]i?B|B)?)|([a-zA-Z]\w*))\}/g;
const LONGEST_TEXT = 4 * 2 ** 20;

/**
 * Fills placeholders in: `{1..60}` a whole number drawn evenly, `{text:4KiB}` that much text, `{user}`, `{n}`, `{name}` what
 * was saved. The same seed, go and place give the same number. Other braces, such as those of JSON, stay.
 */
export function prepare(request: ScenarioRequest, going: Going): Prepared {
  const fill = (text: string, place: string) => fillIn(text, going, place);
  return {
    method: request.method,
    headers: request.headers,
    path: fill(request.path, 'path'),
    ...(request.body === undefined ? {} : { body: fill(request.body, 'body') }),
    ...(request.command === undefined
      ? {}
      : { command: request.command.map((word, index) => fill(word, `command.${index}`)) }),
  };
}

function fillIn(text: string, { seed, n, user, saved }: Going, place: string): string {
  return text.replace(PLACEHOLDER, (whole, from, to, size, name, at) => {
    if (from !== undefined) {
      const [low, high] = [Number(from), Number(to)];
      return String(low + Math.floor(seededUnit(seed, n, place, at) * (high - low + 1)));
    }
    if (size !== undefined) return textOf(Math.min(LONGEST_TEXT, parseSize(size)));
    if (name === 'user') return String(user);
    if (name === 'n') return String(n);
    return saved.get(name) ?? whole;
  });
}

const TEXTS = new Map<number, string>();
const WORDS = 'the quick brown fox jumps over the lazy dog and ';

function textOf(length: number): string {
  let text = TEXTS.get(length);
  if (text === undefined) {
    text = WORDS.repeat(Math.ceil(length / WORDS.length)).slice(0, length);
    TEXTS.set(length, text);
  }
  return text;
}

/** Whether an answer is what the request's check asks. */
export function isRight({ check }: ScenarioRequest, { status, body }: Answer): boolean {
  if (check.status === undefined ? status < 200 || status > 299 : status !== check.status) return false;
  if (!check.json) return true;
  const json = parsed(body);
  return Object.entries(check.json).every(([path, value]) => valueAt(json, path) === value);
}

/** Keeps what later requests of the go need. */
export function save({ save: wanted }: ScenarioRequest, { body }: Answer, saved: Map<string, string>): void {
  const names = Object.entries(wanted);
  if (names.length === 0) return;
  const json = parsed(body);
  for (const [name, path] of names) {
    const value = valueAt(json, path);
    if (typeof value === 'string' || typeof value === 'number') saved.set(name, encodeURIComponent(value));
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The value at `result.sum`; a number counts from 0 in lists. */
function valueAt(json: unknown, path: string): unknown {
  let value = json;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
