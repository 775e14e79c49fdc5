import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, mkdirSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf } from '../../core/reason.ts';
import { locked } from './lock.ts';
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

/** Where the chain ends. */
export interface AuditHead {
  /** Entries so far. */
  readonly n: number;
  readonly hash: string;
}

/** What puts an unfinished entry right. */
const ITSELF: Principal = { name: 'faultline', role: 'admin' };
/** More than an entry can have. */
const TAIL = 64 * 1024;
const MOST = 200;

/**
 * Who did what, in a file that is only ever appended to, by several processes too. Each entry holds the hash of the one before, so
 * that none can be changed or taken out of the middle unseen. That the end is missing shows where its hash is known from elsewhere,
 * and to whoever has appended to it and finds it shorter.
 */
export class AuditLog {
  readonly #path: string;
  /** How the file was left here. */
  #left: (AuditHead & { readonly size: number }) | undefined;
  #cut = false;
  #unwritten: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** What is wrong with it, in a sentence; undefined where nothing is. */
  get trouble(): string | undefined {
    if (this.#unwritten !== undefined)
      return `the audit log cannot be written (${this.#unwritten}): nothing is started, only taken back`;
    return this.#cut
      ? 'entries of the audit log were taken away while this control plane ran; "faultline audit-log verify" says where'
      : undefined;
  }

  /** The end of the chain as it is now. @throws the system's error where it cannot be read */
  head(): AuditHead {
    const { n, hash } = this.#look() ?? { n: 0, hash: ZEROS };
    return { n, hash };
  }

  /** @throws the system's error where it cannot be written; then what was to be recorded must not happen */
  record(principal: Principal, act: string, target?: string): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      locked(this.#path, () => {
        if (this.#takeUnfinished()) this.#append(ITSELF, 'unfinished entry taken away');
        this.#append(principal, act, target);
      });
      this.#unwritten = undefined;
    } catch (error) {
      this.#unwritten = (error as NodeJS.ErrnoException).code ?? reasonOf(error);
      throw error;
    }
  }

  #append(principal: Principal, act: string, target?: string): void {
    const last = this.#look() ?? { n: 0, hash: ZEROS };
    const body = {
      n: last.n + 1,
      t: new Date().toISOString(),
      who: principal.name,
      role: principal.role,
      act,
      ...(target === undefined ? {} : { target: target.slice(0, MOST) }),
      previous: last.hash,
    };
    const entry: AuditEntry = { ...body, hash: hashOf(body) };
    const cut = this.#left !== undefined && this.#size() < this.#left.size;
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
    this.#cut ||= cut;
    this.#left = { ...entry, size: this.#size() };
  }

  /** The last entry, also of another process; one that is there no more stays the last, so that its place shows as a gap. */
  #look(): AuditHead | undefined {
    const size = this.#size();
    if (this.#left && size <= this.#left.size) return this.#left;
    const tail = this.#tail();
    const last = tail
      .slice(0, tail.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .at(-1);
    return last === undefined ? undefined : (JSON.parse(last) as AuditEntry);
  }

  /** A write that was broken off, by a full disk or a crash, left half an entry: what it announces did not happen. */
  #takeUnfinished(): boolean {
    const tail = this.#tail();
    const half = tail.length - (tail.lastIndexOf('\n') + 1);
    if (half === 0) return false;
    truncateSync(this.#path, this.#size() - Buffer.byteLength(tail.slice(-half)));
    return true;
  }

  #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  #tail(): string {
    const size = this.#size();
    if (size === 0) return '';
    const file = openSync(this.#path, 'r');
    try {
      const tail = Buffer.alloc(Math.min(size, TAIL));
      readSync(file, tail, 0, tail.length, size - tail.length);
      return tail.toString('utf8');
    } finally {
      closeSync(file);
    }
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
