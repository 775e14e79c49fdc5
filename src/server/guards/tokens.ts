import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason.ts';
import { locked } from './lock.ts';
import { type Principal, ROLES, type Role } from './roles.ts';

const stored = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  /** SHA-256 of the secret, hex. It has 256 random bits, so no slow hash is needed to keep it from being guessed. */
  hash: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().optional(),
});
const file = z.object({ tokens: z.array(stored) });

/** A token as it is kept: what it was made of cannot be told from it. */
export type StoredToken = z.infer<typeof stored>;

/** Where the tokens of a folder are kept. */
export function tokensFile(cwd: string): string {
  return resolve(cwd, '.faultline', 'tokens.json');
}

const WRITABLE_BY_OTHERS = 0o022;

/** `flt_ID_SECRET`: the prefix lets scanners of secrets know it. */
const SHAPE = /^flt_([0-9a-f]{8})_([\w-]{43})$/;

/** The tokens of a control plane, in a file that only its owner reads. What other processes change is seen at the next look. */
export class Tokens {
  readonly #path: string;
  #read: { readonly version: string; readonly tokens: readonly StoredToken[] } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** There was never a token here; where the last one was revoked, there was. */
  get never(): boolean {
    return !existsSync(this.#path);
  }

  /** @throws FaultlineError TOKENS_UNUSABLE for a file that is none, or that others could have written a token of their own into */
  list(): readonly StoredToken[] {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    if (!stat) return [];
    if ((stat.mode & WRITABLE_BY_OTHERS) !== 0)
      throw new FaultlineError('TOKENS_UNUSABLE', {
        path: this.#path,
        reason: 'others than its owner may write to it',
      });
    // Each change is another file with the old name.
    const version = `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    if (this.#read?.version !== version) this.#read = { version, tokens: this.#parsed() };
    return this.#read.tokens;
  }

  /** Makes a token and answers its text, which is shown this once and kept nowhere. */
  create(name: string, role: Role, expiresAt?: Date): string {
    const [id, secret] = [randomBytes(4).toString('hex'), randomBytes(32).toString('base64url')];
    const token: StoredToken = {
      id,
      name,
      role,
      hash: digest(secret),
      createdAt: new Date().toISOString(),
      ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
    };
    this.#change((all) => {
      if (all.some((one) => one.name === name)) throw new FaultlineError('TOKEN_NAME_TAKEN', { name });
      return [...all, token];
    });
    return `flt_${id}_${secret}`;
  }

  /** @returns whether there was one of this name */
  revoke(name: string): boolean {
    let found = false;
    this.#change((all) => {
      const left = all.filter((one) => one.name !== name);
      found = left.length < all.length;
      return left;
    });
    return found;
  }

  /** Whose token this is; undefined for one that is unknown, revoked or over. */
  verify(text: string, now = Date.now()): Principal | undefined {
    const [, id, secret] = SHAPE.exec(text) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const found = this.list().find((one) => one.id === id);
    const right = timingSafeEqual(Buffer.from(digest(secret)), Buffer.from(found?.hash ?? digest('')));
    if (!found || !right || (found.expiresAt !== undefined && Date.parse(found.expiresAt) <= now))
      return undefined;
    return { name: found.name, role: found.role };
  }

  #parsed(): readonly StoredToken[] {
    try {
      return file.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).tokens;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'it holds something else';
      throw new FaultlineError('TOKENS_UNUSABLE', { path: this.#path, reason });
    }
  }

  /** One change at a time: of two at once, one would bring a token back that the other has just revoked. */
  #change(next: (all: readonly StoredToken[]) => readonly StoredToken[]): void {
    const draft = `${this.#path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      locked(this.#path, () => {
        const all = this.list();
        const tokens = next(all);
        if (tokens.length === all.length) return;
        writeFileSync(draft, `${JSON.stringify({ tokens }, undefined, 2)}\n`, { mode: 0o600, flush: true });
        renameSync(draft, this.#path);
      });
    } catch (error) {
      if (error instanceof FaultlineError) throw error;
      rmSync(draft, { force: true });
      throw new FaultlineError('FILE_NOT_WRITTEN', { path: this.#path, reason: reasonOf(error) });
    }
  }
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
