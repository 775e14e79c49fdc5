import type { FastifyReply } from 'fastify';
import { FaultlineError } from '../../../core/errors.ts';
import { BadBody } from '../body.ts';

/** An error with Toxiproxy's own text and status, which its client libraries match on. */
export class ToxiproxyError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const proxyNotFound = () => new ToxiproxyError(404, 'proxy not found');
export const proxyExists = () => new ToxiproxyError(409, 'proxy already exists');
export const toxicNotFound = () => new ToxiproxyError(404, 'toxic not found');
export const toxicExists = () => new ToxiproxyError(409, 'toxic already exists');
export const invalidToxicType = () => new ToxiproxyError(400, 'invalid toxic type');
export const invalidStream = () =>
  new ToxiproxyError(400, 'stream was invalid, can be either upstream or downstream');
export const missingField = (field: string) => new ToxiproxyError(400, `missing required field: ${field}`);

/** What clients of Toxiproxy see of an error: `{"error", "status"}`. */
export function describe(error: unknown): { readonly error: string; readonly status: number } {
  if (error instanceof ToxiproxyError) return { error: error.message, status: error.status };
  if (error instanceof BadBody) return { error: `bad request body: ${error.message}`, status: 400 };
  if (error instanceof FaultlineError) return { error: error.message, status: error.status };
  const { code, address, port, syscall, message, statusCode } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
    statusCode?: number;
  };
  if (syscall === 'listen' || syscall === 'bind') {
    const host = address?.includes(':') ? `[${address}]` : address;
    return { error: `listen tcp ${host}:${port ?? 0}: bind: ${reasonOf(code, message)}`, status: 500 };
  }
  return { error: message, status: statusCode ?? 500 };
}

/** Answers in the form of Go's `http.Error`: JSON sent as text, with a closing newline. */
export function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const answer = describe(error);
  return reply
    .code(answer.status)
    .header('content-type', 'text/plain; charset=utf-8')
    .header('x-content-type-options', 'nosniff')
    .send(`${JSON.stringify(answer)}\n`);
}

function reasonOf(code: string | undefined, message: string): string {
  if (code === 'EADDRINUSE') return 'address already in use';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EADDRNOTAVAIL') return 'cannot assign requested address';
  return message;
}
