import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Principal } from './roles.ts';

export interface AuditEntry {
  /** Counts from 1. */
  readonly n: number;
  /** RFC 3339. */
  readonly t: string;
  readonly who: string;
  readonly role: string;
  /** What was asked for, before it was done: `POST /api/runs`; or `login refused`. */
  readonly act: string;
  /** What it was about, by name; never a reason, a body or a token. */
  readonly target?: string;
  /** Hash of the entry before; of the first, zeros. */
  readonly previous: string;
  /** SHA-256 of this entry without this field, hex. */
  readonly hash: string;
}

const ZEROS = '0'.repeat(64);

export function auditFile(cwd: string): string {
  return resolve(cwd, '.faultline', 'audit-log.jsonl');
}

/**
 * Who did what, in a file that is only ever appended to. Each entry holds the hash of the one before, so that none can be changed
 * or taken out of the middle unseen; that the end is missing shows only where its hash is known from elsewhere.
 */
export class AuditLog {
  readonly #path: string;
  #last: { readonly n: number; readonly hash: string } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws the system's error where it cannot be written; then what was to be recorded must not happen */
  record(principal: Principal, act: string, target?: string): void {
    this.#last ??= this.#readLast();
    const body = {
      n: this.#last.n + 1,
      t: new Date().toISOString(),
      who: principal.name,
      role: principal.role,
      act,
      ...(target === undefined ? {} : { target }),
      previous: this.#last.hash,
    };
    const entry: AuditEntry = { ...body, hash: hashOf(body) };
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
    this.#last = entry;
  }

  #readLast(): { n: number; hash: string } {
    const lines = existsSync(this.#path) ? readFileSync(this.#path, 'utf8').split('\n').filter(Boolean) : [];
    const last = lines.at(-1);
    return last === undefined ? { n: 0, hash: ZEROS } : (JSON.parse(last) as AuditEntry);
  }
}

export interface AuditVerdict {
  readonly entries: number;
  /** Hash of the last entry that holds; note it elsewhere to tell later that nothing was cut off. */
  readonly head: string;
  /** The first thing that is wrong, with its line. */
  readonly problem?: string;
}

/** Reads the whole chain. @param expected hash of an entry that must be in it */
export function verifyAuditLog(text: string, expected?: string): AuditVerdict {
  let [entries, head] = [0, ZEROS];
  let seen = expected === undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const problem = problemOf(line, entries, head);
    if (problem) return { entries, head, problem: `line ${index + 1}: ${problem}` };
    entries++;
    head = (JSON.parse(line) as AuditEntry).hash;
    seen ||= head === expected;
  }
  return seen
    ? { entries, head }
    : {
        entries,
        head,
        problem: `no entry has the hash ${expected}: the end was cut off or the log is another one`,
      };
}

function problemOf(line: string, entries: number, head: string): string | undefined {
  let entry: AuditEntry;
  try {
    entry = JSON.parse(line) as AuditEntry;
  } catch {
    return 'it is no entry';
  }
  const { hash, ...body } = entry;
  if (hash !== hashOf(body)) return `entry ${entry.n} was changed after it was written`;
  if (entry.previous !== head || entry.n !== entries + 1)
    return `entry ${entry.n} does not follow entry ${entries}: some were taken out or put in`;
  return undefined;
}

function hashOf(body: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}
