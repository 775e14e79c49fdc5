import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import pg from 'pg';
import type { AdminServer } from '../admin/index.ts';
import { serverIsGone } from '../gone.ts';

/** Sessions of Faultline's own are told by this, and never ended by its faults. */
export const OWN_APPLICATIONS = 'faultline-';

const CONNECT_MS = 3000;
const ANSWER_MS = 5000;

/** A session beside the control connection, which holds something. */
export interface Session {
  readonly pid: number;
  readonly alive: boolean;
  run(sql: string): Promise<void>;
  /** Ends it, by force where the server does not answer. */
  end(): Promise<void>;
}

export interface PostgresServer extends AdminServer {
  /** @throws Error that says what the server answered, without content */
  rows<R extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly R[]>;
  session(): Promise<Session>;
}

interface Connection {
  readonly client: pg.Client;
  readonly socket: Socket;
  alive: boolean;
}

/** Nothing is sent before the first call. */
export function postgresServer(url: string): PostgresServer {
  const application = `${OWN_APPLICATIONS}admin-${randomBytes(4).toString('hex')}`;
  let control: Promise<Connection> | undefined;

  const controlling = async () => {
    const known = await control?.catch(() => undefined);
    if (known?.alive) return known.client;
    control = connect(url, application);
    return (await control).client;
  };
  const rows: PostgresServer['rows'] = async (sql, values = []) => {
    const client = await controlling();
    const result = await client.query(sql, [...values]).catch(explain);
    return result.rows;
  };

  return {
    rows,
    async open() {
      await controlling();
    },
    async session() {
      const connection = await connect(url, `${application}-held`);
      const { client, socket } = connection;
      const [row] = (await client.query('select pg_backend_pid() as pid').catch(explain)).rows;
      return {
        pid: Number(row.pid),
        get alive() {
          return connection.alive;
        },
        run: async (sql) => {
          await client.query(sql).catch(explain);
        },
        end: () => endHard(client, socket),
      };
    },
    async gone() {
      // It reads addresses as the connections do, with the environment's defaults; a host that is a path is a socket's.
      const { host, port } = new pg.Client({ connectionString: url });
      return serverIsGone(host, port);
    },
    async leftovers() {
      const sql = 'select count(*)::int as left from pg_stat_activity where application_name = $1';
      const [row] = await rows<{ left: number }>(sql, [`${application}-held`]);
      return row && row.left > 0 ? [`${row.left} sessions of its own`] : [];
    },
    async close() {
      const connection = await control?.catch(() => undefined);
      if (connection?.alive) await endHard(connection.client, connection.socket);
      control = undefined;
    },
  };
}

async function connect(url: string, application: string): Promise<Connection> {
  // Our own socket, because `end()` of a client whose server hangs waits for that server.
  const socket = new Socket();
  let client: pg.Client;
  try {
    client = new pg.Client({
      connectionString: url,
      stream: () => socket,
      application_name: application,
      connectionTimeoutMillis: CONNECT_MS,
    });
  } catch {
    throw new Error('its url is not a valid Postgres address');
  }
  const connection = { client, socket, alive: true };
  const lost = () => {
    connection.alive = false;
    socket.destroy();
  };
  client.on('error', lost);
  client.on('end', lost);
  try {
    await client.connect();
    await client.query(`set statement_timeout = ${ANSWER_MS}`);
  } catch (error) {
    lost();
    explain(error);
  }
  return connection;
}

async function endHard(client: pg.Client, socket: Socket): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 1000);
  });
  await Promise.race([client.end().catch(() => {}), late]);
  clearTimeout(timer);
  socket.destroy();
}

const MEANINGS: Readonly<Record<string, string>> = {
  '28000': 'the login was refused',
  '28P01': 'the password was refused',
  '3D000': 'there is no such database',
  '42501': 'permission denied',
  '53300': 'too many connections',
  '55P03': 'the lock was not free in time',
  '57014': 'the statement was cancelled',
  '57P01': 'the session was ended',
  '57P03': 'the server is starting up or shutting down',
};

/** The SQLSTATE of what a server answered; its own message may quote names and values. */
export class PostgresRefusal extends Error {
  readonly state: string;

  constructor(state: string) {
    const meaning = MEANINGS[state];
    super(`Postgres answered ${state}${meaning ? `: ${meaning}` : ''}`);
    this.state = state;
  }
}

function explain(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) throw new PostgresRefusal(code);
  if (code === 'ECONNREFUSED') throw new Error('nothing listens there');
  if (code !== undefined) throw new Error(`the connection failed (${code})`);
  if (/SASL|password must be|SCRAM/i.test(message))
    throw new Error('Postgres asks for a password that the url does not have');
  throw new Error('Postgres closed the connection, or does not answer');
}
