import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';

const COOKIE = 'faultline';
const SESSION_MS = 12 * 60 * 60 * 1000;
const MOST = 1000;

/** Sessions of browsers. Each stands for the token that it was opened with, and its id is always drawn here: none that is brought is taken. */
export class Sessions {
  readonly #tokens = new LRUCache<string, string>({ max: MOST, ttl: SESSION_MS });

  /** Opens one in the place of the one that is brought. @returns the `Set-Cookie` header */
  open(request: FastifyRequest, token: string): string {
    this.#tokens.delete(idOf(request));
    const id = randomBytes(32).toString('base64url');
    this.#tokens.set(id, token);
    return cookie(request, id, SESSION_MS / 1000);
  }

  /** @returns the `Set-Cookie` header that takes the cookie away */
  close(request: FastifyRequest): string {
    this.#tokens.delete(idOf(request));
    return cookie(request, '', 0);
  }

  tokenOf(request: FastifyRequest): string | undefined {
    return this.#tokens.get(idOf(request));
  }
}

/** Not readable by scripts, not sent along by pages of other origins, and never in the clear where the page came encrypted. */
function cookie(request: FastifyRequest, value: string, maxAgeS: number): string {
  const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : '';
  return `${COOKIE}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAgeS}${secure}`;
}

function idOf(request: FastifyRequest): string {
  return new RegExp(`(?:^|; )${COOKIE}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1] ?? '';
}
