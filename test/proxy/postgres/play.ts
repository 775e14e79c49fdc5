import type { FaultSpec } from '../../../src/core/fault.ts';
import type { Ending } from '../../../src/faults/contract.ts';
import { FaultInForce } from '../../../src/proxy/active-fault.ts';
import { ClientWatch } from '../../../src/proxy/clients/watch.ts';
import { createPostgresSession } from '../../../src/proxy/postgres/session.ts';
import { prepareFault } from '../../../src/proxy/prepare.ts';
import { ready, startup, told } from '../../protocols/postgres/wire.ts';
import { FakeClock } from '../../support/fake-clock.ts';

type Fault = Omit<FaultSpec, 'proxy'>;

const DECLARATION = {
  name: 'db',
  protocol: 'postgres',
  listen: '127.0.0.1:0',
  upstream: '127.0.0.1:1',
} as const;

function faultInForce(fault: Fault): FaultInForce {
  const prepared = prepareFault({ proxy: 'db', ...fault }, new Map([['db', DECLARATION]]));
  return new FaultInForce({ ...prepared, id: fault.id ?? fault.type }, 7, 'leased');
}

interface Options {
  readonly shared?: Map<string, unknown>;
  readonly user?: string;
  readonly database?: string;
  /** Where it is seen how the client takes its answers; its own without one. */
  readonly clients?: ClientWatch;
  /** Leave the start-up to the test. */
  readonly fresh?: boolean;
}

/** One session between a client and a server that the test plays, on a clock that the test moves. */
export function playSession({
  shared = new Map(),
  user = 'ada',
  database = 'notes',
  fresh = false,
  clients,
}: Options = {}) {
  const clock = new FakeClock();
  const watch = clients ?? new ClientWatch(clock);
  let faults: readonly FaultInForce[] = [];
  let toServer: Buffer[] = [];
  let toClient: Buffer[] = [];
  const meter = { units: 0, held: 0, answers: [] as string[] };
  const state = {
    closed: undefined as Ending | undefined,
    paused: { client: false, server: false },
    serverEnded: false,
    clientEnded: false,
    injected: false,
  };
  const session = createPostgresSession(
    {
      clock,
      client: '127.0.0.1',
      clients: watch,
      meter: {
        unit: () => void meter.units++,
        answered: (status, injected) => void meter.answers.push(injected ? `${status} injected` : status),
        retry: () => {},
        sentOn() {},
        hold() {
          meter.held++;
          return () => void meter.held--;
        },
      },
      faults: () => faults,
      toServer: (chunk) => void (state.closed ?? toServer.push(Buffer.from(chunk))),
      toServerEnd: () => {
        state.serverEnded = true;
      },
      toClient: (chunk) => void (state.closed ?? toClient.push(Buffer.from(chunk))),
      toClientEnd: () => {
        state.clientEnded = true;
      },
      close: (how) => {
        state.closed ??= how;
      },
      pause: (side, paused) => {
        state.paused[side] = paused;
      },
      injected: () => {
        state.injected = true;
      },
      shared: <T>(key: string, make: () => T): T => {
        if (!shared.has(key)) shared.set(key, make());
        return shared.get(key) as T;
      },
    },
    { declaration: { name: 'db', protocol: 'postgres', listen: '', upstream: '' } },
  );
  const taken = (chunks: readonly Buffer[]) => Buffer.concat(chunks);
  const played = {
    clock,
    session,
    meter,
    clients: watch,
    state,
    /** Sends from the client, or answers from the server, in one chunk. */
    client: (...messages: readonly Buffer[]) => session.client(Buffer.concat(messages)),
    server: (...messages: readonly Buffer[]) => session.server(Buffer.concat(messages)),
    /** What the server, or the client, got since it was last asked, as bytes or message by message. */
    bytesToServer() {
      const bytes = taken(toServer);
      toServer = [];
      return bytes;
    },
    bytesToClient() {
      const bytes = taken(toClient);
      toClient = [];
      return bytes;
    },
    toServer: () => told(played.bytesToServer()),
    toClient: () => told(played.bytesToClient()),
    /** Puts these in force in place of those there were. */
    put(...wanted: readonly Fault[]): readonly FaultInForce[] {
      const before = faults;
      const now = wanted.map(faultInForce);
      faults = now;
      for (const fault of before) fault.release();
      session.faultsChanged();
      return now;
    },
  };
  if (!fresh) {
    played.client(startup({ user, database }));
    played.server(ready('I'));
    played.bytesToServer();
    played.bytesToClient();
  }
  return played;
}
export type PlayedSession = ReturnType<typeof playSession>;
