import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason.ts';
import { AuditLog, auditFile } from './audit-log.ts';
import { FailedLogins } from './failures.ts';
import { mayAct, type Principal, type Role } from './roles.ts';
import { Tokens, tokensFile } from './tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; `anyone` needs no credentials. By default a viewer may read and an operator may do the rest. */
    role?: Role | 'anyone';
    /** It only ends what goes on: it is done also where it cannot be recorded. */
    takesBack?: boolean;
  }
  interface FastifyRequest {
    principal: Principal;
  }
}

/** Who is at a control plane that only this machine reaches and that has no tokens. */
const LOCAL: Principal = { name: 'local', role: 'admin' };
const NOBODY: Principal = { name: 'nobody', role: 'viewer' };
const COOKIE = 'faultline';
const SESSION_MS = 12 * 60 * 60 * 1000;
const SESSIONS = 1000;

const login = z.strictObject({ token: z.string().max(200) });

/**
 * Refuses to be reached from elsewhere without credentials: whoever can reach it can inject faults.
 * @throws FaultlineError NO_CREDENTIALS
 */
export function checkReach(host: string, cwd: string): void {
  const loopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (!loopback && new Tokens(tokensFile(cwd)).list().length === 0)
    throw new FaultlineError('NO_CREDENTIALS', { host });
}

/** Asks every request who it is from, judges what it may do, and records what changes anything. */
export function addGuards(app: FastifyInstance, cwd: string): void {
  const tokens = new Tokens(tokensFile(cwd));
  const failures = new FailedLogins();
  const audit = new AuditLog(auditFile(cwd));
  const sessions = new LRUCache<string, string>({ max: SESSIONS, ttl: SESSION_MS });

  const verify = (request: FastifyRequest, token: string): Principal => {
    failures.check(request.ip);
    const principal = tokens.verify(token);
    if (!principal) {
      failures.failed(request.ip);
      quietly(() => audit.record(NOBODY, 'login refused', request.ip));
      throw new FaultlineError('TOKEN_REFUSED');
    }
    failures.succeeded(request.ip);
    return principal;
  };
  const principalOf = (request: FastifyRequest): Principal | undefined => {
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return verify(request, bearer);
    // A session is its token's: one that is revoked ends with it.
    const token = sessions.get(cookieOf(request) ?? '');
    const known = token === undefined ? undefined : tokens.verify(token);
    return known ?? (tokens.list().length === 0 ? LOCAL : undefined);
  };

  app.decorateRequest('principal', null as unknown as Principal);
  app.addHook('onRequest', async (request) => {
    // Anything in a URL ends in histories, logs and Referer headers.
    if (/[?&](token|access_token|api_key|key)=/i.test(request.url)) throw new FaultlineError('TOKEN_IN_URL');
    const needed = request.routeOptions.config.role ?? (request.method === 'GET' ? 'viewer' : 'operator');
    const principal =
      needed === 'anyone' ? (quietly(() => principalOf(request)) ?? NOBODY) : principalOf(request);
    if (!principal) throw new FaultlineError('NOT_LOGGED_IN');
    if (needed !== 'anyone' && !mayAct(principal.role, needed))
      throw new FaultlineError('ROLE_TOO_LOW', { role: principal.role, needed });
    request.principal = principal;
  });
  app.addHook('preHandler', async (request) => {
    if (request.method === 'GET') return;
    const record = () =>
      audit.record(request.principal, `${request.method} ${request.routeOptions.url}`, targetOf(request));
    // Taking back waits for no record.
    if (request.routeOptions.config.takesBack) quietly(record);
    else recorded(record);
  });

  app.post<{ Body: z.infer<typeof login> }>(
    '/api/login',
    { config: { role: 'anyone' }, schema: { summary: 'Trade a token for a session cookie.', body: login } },
    async (request, reply) => {
      const principal = verify(request, request.body.token);
      const session = randomBytes(32).toString('base64url');
      sessions.set(session, request.body.token);
      return reply.header('set-cookie', cookie(session, SESSION_MS / 1000)).send(principal);
    },
  );
  app.post(
    '/api/logout',
    { config: { role: 'anyone' }, schema: { summary: 'End the session.' } },
    async (request, reply) => {
      sessions.delete(cookieOf(request) ?? '');
      return reply.header('set-cookie', cookie('', 0)).send({});
    },
  );
  app.get(
    '/api/me',
    { schema: { summary: 'Who you are, and what you may do.' } },
    async (request) => request.principal,
  );
}

function recorded(record: () => void): void {
  try {
    record();
  } catch (error) {
    throw new FaultlineError('AUDIT_NOT_WRITTEN', {
      reason: (error as NodeJS.ErrnoException).code ?? reasonOf(error),
    });
  }
}

/** Not readable by scripts, and not sent along by pages of other origins. */
function cookie(value: string, maxAgeS: number): string {
  return `${COOKIE}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAgeS}`;
}

function cookieOf(request: FastifyRequest): string | undefined {
  return new RegExp(`(?:^|; )${COOKIE}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
}

function targetOf(request: FastifyRequest): string | undefined {
  const { id, name } = (request.params ?? {}) as { id?: string; name?: string };
  const { experiment } = (request.body ?? {}) as { experiment?: unknown };
  return id ?? name ?? (typeof experiment === 'string' ? experiment : undefined);
}

function quietly<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
