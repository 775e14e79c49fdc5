import { Pool } from 'undici';
import { ERRORS, type ErrorCode, FaultlineError } from '../../core/errors.ts';
import { controlHeaders } from './token.ts';

/** Requests to one control API. Every failure is a FaultlineError. */
export interface ControlClient {
  readonly origin: string;
  /** @throws FaultlineError that the data plane answered, or DATA_PLANE_GONE */
  json<T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** A body as it comes, chunk by chunk; silent for longer than `silenceMs` is an error. */
  stream(path: string, signal: AbortSignal, silenceMs: number): AsyncIterable<Buffer>;
  gone(error: unknown): FaultlineError;
  close(): Promise<void>;
}

/** The data plane is on this machine or near: what takes longer than this will not come, and a rollback cannot wait. */
const CONNECT_MS = 1500;
const ANSWER_MS = 4000;

export function controlClient(control: string): ControlClient {
  const origin = originOf(control);
  const pool = new Pool(origin, {
    connections: 8,
    connect: { timeout: CONNECT_MS },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
    keepAliveTimeout: 4000,
  });
  const gone = (error: unknown) =>
    error instanceof FaultlineError
      ? error
      : new FaultlineError('DATA_PLANE_GONE', { control, reason: reasonOf(error) });

  let kept: Readonly<Record<string, string>> | undefined;
  // Read once: a run goes on with the token it began with, as its data plane does. Taking back needs none, and must not
  // fail for a token that cannot be read.
  const credentials = (method: string, path: string) => {
    if (method === 'DELETE' && path.startsWith('/faults')) return {};
    kept ??= controlHeaders();
    return kept;
  };

  async function once<T>(method: string, path: string, body: unknown): Promise<T> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const response = await pool.request({
      method,
      path,
      headers: {
        ...credentials(method, path),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: sent,
    });
    const text = await response.body.text();
    if (response.statusCode >= 400) throw answeredError(control, response.statusCode, text);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  return {
    origin,
    gone,
    async json(method, path, body) {
      try {
        return await once(method, path, body);
      } catch (error) {
        // A kept connection may close just as it is used. Every call here may be repeated: it states a whole, not a change.
        if (!isBrokenConnection(error)) throw gone(error);
      }
      return once<never>(method, path, body).catch((error) => {
        throw gone(error);
      });
    },
    async *stream(path, signal, silenceMs) {
      const response = await pool.request({
        method: 'GET',
        path,
        headers: credentials('GET', path),
        signal,
        bodyTimeout: silenceMs,
      });
      if (response.statusCode !== 200) {
        throw answeredError(control, response.statusCode, await response.body.text());
      }
      yield* response.body as AsyncIterable<Buffer>;
    },
    close: () => pool.destroy(),
  };
}

/** An address that listens on all interfaces is reached over loopback. */
function originOf(control: string): string {
  return `http://${control.replace(/^(0\.0\.0\.0|\[::\]|)(?=:\d+$)/, '127.0.0.1')}`;
}

function answeredError(control: string, status: number, text: string): FaultlineError {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } };
    if (Object.hasOwn(ERRORS, error.code)) return withMessage(error.code as ErrorCode, error.message);
  } catch {
    // Not an answer of ours.
  }
  return new FaultlineError('DATA_PLANE_GONE', { control, reason: `it answered with status ${status}` });
}

/** An error of the table whose sentence was already filled elsewhere. */
export function withMessage(code: ErrorCode, message: string): FaultlineError {
  const error = new FaultlineError(code);
  error.message = message;
  return error;
}

function isBrokenConnection(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_CONNECT_TIMEOUT: 'it could not be reached in time',
  UND_ERR_HEADERS_TIMEOUT: 'it took too long to answer',
  UND_ERR_BODY_TIMEOUT: 'it fell silent',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
