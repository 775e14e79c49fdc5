import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
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

/** `flt_ID_SECRET`: the prefix lets scanners of secrets know it. */
const SHAPE = /^flt_([0-9a-f]{8})_([\w-]{43})$/;

/** The tokens of a control plane, in a file that only its owner reads. What other processes change is seen at the next look. */
export class Tokens {
  readonly #path: string;
  #read: { readonly mtimeMs: number; readonly tokens: readonly StoredToken[] } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  list(): readonly StoredToken[] {
    if (!existsSync(this.#path)) return [];
    const { mtimeMs } = statSync(this.#path);
    if (this.#read?.mtimeMs !== mtimeMs) {
      this.#read = { mtimeMs, tokens: file.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).tokens };
    }
    return this.#read.tokens;
  }

  /** Makes a token and answers its text, which is shown this once and kept nowhere. */
  create(name: string, role: Role, expiresAt?: Date): string {
    if (this.list().some((one) => one.name === name)) throw new FaultlineError('TOKEN_NAME_TAKEN', { name });
    const [id, secret] = [randomBytes(4).toString('hex'), randomBytes(32).toString('base64url')];
    const token: StoredToken = {
      id,
      name,
      role,
      hash: digest(secret),
      createdAt: new Date().toISOString(),
      ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
    };
    this.#write([...this.list(), token]);
    return `flt_${id}_${secret}`;
  }

  /** @returns whether there was one of this name */
  revoke(name: string): boolean {
    const left = this.list().filter((one) => one.name !== name);
    if (left.length === this.list().length) return false;
    this.#write(left);
    return true;
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

  #write(tokens: readonly StoredToken[]): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const draft = `${this.#path}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify({ tokens }, undefined, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(draft, this.#path);
    this.#read = undefined;
  }
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
