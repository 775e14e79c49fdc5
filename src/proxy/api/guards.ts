import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { FaultlineError } from '../../core/errors.ts';

/**
 * Refuses a Host that a stranger's DNS could answer for. Without this a web page on evil.example could point that name
 * at 127.0.0.1 (DNS rebinding) and would then be of the same origin as the control API, reading and changing everything.
 * No public DNS serves names without dots.
 * @throws FaultlineError HOST_REFUSED
 */
export function checkHost(host: string | undefined, allowed: readonly string[]): void {
  const name = hostName(host ?? '');
  const accepted = isIP(name) !== 0 || /^[\w-]+$/.test(name) || allowed.includes(name);
  if (!accepted) throw new FaultlineError('HOST_REFUSED', { host: host ?? '' });
}

/**
 * Refuses requests that a web page of another origin sends. Browsers put Origin on them, also on those that need no
 * preflight, such as a form's POST: without this any page that an operator opens could halt or change a run.
 * @throws FaultlineError ORIGIN_REFUSED
 */
export function checkOrigin(request: FastifyRequest, allowed: readonly string[]): void {
  const origin = request.headers.origin;
  if (origin === undefined) return;
  const from = URL.canParse(origin) ? new URL(origin) : undefined;
  const own = from?.host !== '' && from?.host === request.headers.host?.toLowerCase();
  if (!own && !(from && allowed.includes(from.hostname))) {
    throw new FaultlineError('ORIGIN_REFUSED', { origin });
  }
}

function hostName(host: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d*)?$/.exec(host);
  return (bracketed ? bracketed[1]! : host.replace(/:\d*$/, '')).toLowerCase();
}
