import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason.ts';
import type { AuditLog } from './audit-log.ts';
import { FailedLogins } from './failures.ts';
import { mayAct, NOBODY, type Principal, type Role } from './roles.ts';
import { Sessions } from './sessions.ts';
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
    /** Whether whoever asked may still be answered, for what lasts: tokens are revoked and sessions end meanwhile. */
    stillHolds(): boolean;
  }
}

export interface GuardOptions {
  readonly cwd: string;
  /** Address that it listens on. */
  readonly host: string;
  readonly audit: AuditLog;
}

/** Who is at a control plane that only this machine reaches and that never had a token. */
const LOCAL: Principal = { name: 'local', role: 'admin' };

/** A proxy puts one of these on what it passes on: it did not come from this machine, although its connection does. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const;

const login = z.strictObject({ token: z.string().max(200) });

/**
 * Refuses to be reached from elsewhere without credentials: whoever can reach it can inject faults.
 * @throws FaultlineError NO_CREDENTIALS, TOKENS_UNUSABLE
 */
export function checkReach(host: string, cwd: string): void {
  const tokens = new Tokens(tokensFile(cwd)).list();
  if (!isLoopback(host) && tokens.length === 0) throw new FaultlineError('NO_CREDENTIALS', { host });
}

/** Asks every request who it is from, judges what it may do, and records what changes anything. */
export function addGuards(app: FastifyInstance, { cwd, host, audit }: GuardOptions): void {
  const tokens = new Tokens(tokensFile(cwd));
  const failures = new FailedLogins();
  const sessions = new Sessions();

  const verify = (request: FastifyRequest, token: string): Principal => {
    // Others who guess behind the same proxy must not keep an operator from ending an outage.
    if (!request.routeOptions.config.takesBack) failures.check(request.ip);
    const principal = tokens.verify(token);
    if (principal) return principal;
    if (failures.failed(request.ip)) quietly(() => audit.record(NOBODY, 'login refused', request.ip));
    throw new FaultlineError('TOKEN_REFUSED');
  };
  const withoutBearer = (request: FastifyRequest): Principal | undefined => {
    // A session is its token's: one that is revoked ends with it.
    const token = sessions.tokenOf(request);
    const known = token === undefined ? undefined : tokens.verify(token);
    const local = isLoopback(host) && !FORWARDED.some((name) => name in request.headers) && tokens.never;
    return known ?? (local ? LOCAL : undefined);
  };
  const principalOf = (request: FastifyRequest): Principal | undefined => {
    const bearer = bearerOf(request);
    return bearer === undefined ? withoutBearer(request) : verify(request, bearer);
  };

  app.decorateRequest('principal', null as unknown as Principal);
  app.decorateRequest('stillHolds', null as unknown as () => boolean);
  app.addHook('onRequest', async (request) => {
    // Anything in a URL ends in histories, logs and Referer headers.
    if (/[?&](token|access_token|api_key|key)=|flt_[0-9a-f]{8}_/i.test(request.url))
      throw new FaultlineError('TOKEN_IN_URL');
    const needed = request.routeOptions.config.role ?? (request.method === 'GET' ? 'viewer' : 'operator');
    const principal =
      needed === 'anyone' ? (quietly(() => principalOf(request)) ?? NOBODY) : principalOf(request);
    if (!principal) throw new FaultlineError('NOT_LOGGED_IN');
    if (needed !== 'anyone' && !mayAct(principal.role, needed)) {
      quietly(() => audit.record(principal, `${actOf(request)} refused`));
      throw new FaultlineError('ROLE_TOO_LOW', { role: principal.role, needed });
    }
    request.principal = principal;
    request.stillHolds = () => {
      const bearer = bearerOf(request);
      const now = quietly(() => (bearer === undefined ? withoutBearer(request) : tokens.verify(bearer)));
      return now?.name === principal.name && now.role === principal.role;
    };
  });
  app.addHook('preHandler', async (request) => {
    if (request.method === 'GET') return;
    const record = () => audit.record(request.principal, actOf(request), targetOf(request));
    // Taking back waits for no record.
    if (request.routeOptions.config.takesBack) quietly(record);
    else recorded(record);
  });

  app.post<{ Body: z.infer<typeof login> }>(
    '/api/login',
    { config: { role: 'anyone' }, schema: { summary: 'Trade a token for a session cookie.', body: login } },
    async (request, reply) => {
      const principal = verify(request, request.body.token);
      return reply.header('set-cookie', sessions.open(request, request.body.token)).send(principal);
    },
  );
  app.post(
    '/api/logout',
    { config: { role: 'anyone' }, schema: { summary: 'End the session.' } },
    async (request, reply) => reply.header('set-cookie', sessions.close(request)).send({}),
  );
  app.get(
    '/api/me',
    { schema: { summary: 'Who you are, and what you may do.' } },
    async (request) => request.principal,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
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

function actOf({ method, routeOptions }: FastifyRequest): string {
  return `${method} ${routeOptions.url ?? '(no route)'}`;
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
