import { Socket } from 'node:net';
import pg from 'pg';
import type { ProbeSpec } from '../core/plan.ts';
import { type Connection, Kept } from './kept.ts';
import { numberOf } from './numeric.ts';
import { cancelQuery } from './postgres-cancel.ts';
import { ProbeFailure } from './reason.ts';
import { expand, type ProbeContext } from './secrets.ts';
import type { Source } from './timed.ts';

/** Runs the query on a kept connection; the value is the first column of the first row. */
export function postgresSource(
  spec: Extract<ProbeSpec, { kind: 'postgres' }>,
  context: ProbeContext,
): Source {
  const kept = new Kept((signal) => connect(expand(spec.url, context), signal));
  return {
    attempt: (signal) =>
      kept.use(signal, async (connection) => ({ value: await connection.read(spec.query) })),
    close: () => kept.close(),
  };
}

interface PostgresConnection extends Connection {
  read(query: string): Promise<number | undefined>;
}

async function connect(url: string, signal: AbortSignal): Promise<PostgresConnection> {
  // Our own socket, because `end()` of a client whose server hangs waits for that server.
  const socket = new Socket();
  const client = makeClient(url, socket);
  let usable = true;
  let querying = false;
  const destroy = () => {
    if (usable && querying) cancelQuery(client);
    usable = false;
    socket.destroy();
  };
  const lost = () => {
    usable = false;
    socket.destroy();
  };
  client.on('error', lost);
  client.on('end', lost);
  signal.addEventListener('abort', destroy, { once: true });
  try {
    await client.connect();
  } catch (error) {
    destroy();
    return refuse(error);
  } finally {
    signal.removeEventListener('abort', destroy);
  }
  return {
    destroy,
    get usable() {
      return usable;
    },
    async read(query) {
      querying = true;
      const answer = await client
        .query({ text: query, rowMode: 'array' })
        .catch(refuse)
        .finally(() => {
          querying = false;
        });
      // Several statements in one text give a list of results.
      const result = Array.isArray(answer) ? answer[0] : answer;
      return numberOf(result?.rows[0]?.[0]);
    },
  };
}

function makeClient(url: string, socket: Socket): pg.Client {
  try {
    return new pg.Client({
      connectionString: url,
      stream: () => socket,
      application_name: 'faultline-probe',
    });
  } catch {
    throw new ProbeFailure('the url is not a valid Postgres address');
  }
}

/** By SQLSTATE or by its class; the server's own message may quote names and values. */
const MEANINGS: Readonly<Record<string, string>> = {
  '28P01': 'the password was refused',
  '28': 'the login was refused',
  '3D': 'there is no such database',
  '53300': 'too many connections',
  '57014': 'the statement was cancelled',
  '57P03': 'the server is starting up or shutting down',
  '57P': 'the server ended the connection',
  '25006': 'the server is read-only',
  '42P01': 'the query names a table that does not exist',
  '42501': 'permission denied',
  '42': 'the query is not valid there',
};

function refuse(error: unknown): never {
  const state = (error as { code?: unknown }).code;
  if (error instanceof pg.DatabaseError && typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state)) {
    const meaning = MEANINGS[state] ?? MEANINGS[state.slice(0, 3)] ?? MEANINGS[state.slice(0, 2)];
    throw new ProbeFailure(`Postgres answered ${state}${meaning ? `: ${meaning}` : ''}`);
  }
  if (error instanceof Error && /SASL|password must be|SCRAM/i.test(error.message)) {
    throw new ProbeFailure('Postgres asks for a password that the url does not have');
  }
  if (error instanceof Error && /does not support SSL/.test(error.message)) {
    throw new ProbeFailure('Postgres does not speak TLS there');
  }
  if (error instanceof Error && state === undefined && /terminated|Connection ended/i.test(error.message)) {
    throw new ProbeFailure('Postgres closed the connection');
  }
  throw error;
}
