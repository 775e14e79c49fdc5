import type { Attributes, Match } from '../../src/core/fault.ts';
import type { ProxyDeclaration } from '../../src/core/protocol.ts';
import type { RedisFault } from '../../src/faults/on-redis.ts';
import { request } from '../../src/protocols/redis/write.ts';
import { FaultInForce } from '../../src/proxy/active-fault.ts';
import { Meter } from '../../src/proxy/meter.ts';
import { createRedisSession } from '../../src/proxy/redis/session.ts';
import type { SessionHome } from '../../src/proxy/session.ts';
import { FakeClock } from '../support/fake-clock.ts';

export const DECLARATION: ProxyDeclaration = {
  name: 'redis',
  protocol: 'redis',
  listen: '127.0.0.1:0',
  upstream: '127.0.0.1:6379',
};

/** A Redis fault as files and requests give it. */
export function inForce<A extends Attributes>(
  definition: RedisFault<A>,
  attributes: Record<string, unknown> = {},
  match?: Match,
): FaultInForce {
  return new FaultInForce(
    {
      id: definition.type,
      proxy: 'redis',
      definition,
      stream: 'downstream',
      toxicity: 1,
      match,
      attributes: definition.attributes.parse(attributes),
    },
    1,
    'leased',
  );
}

export interface PlayedSession {
  readonly clock: FakeClock;
  readonly meter: Meter;
  /** What went on and not yet taken: texts in both directions, and how the connection was closed. */
  readonly toServer: string;
  readonly toClient: string;
  readonly closed: string | undefined;
  readonly clientPaused: boolean;
  /** What went on since the last time it was asked for. */
  takeToServer(): string;
  takeToClient(): string;
  send(...commands: readonly string[]): void;
  client(bytes: string | Buffer): void;
  server(bytes: string | Buffer): void;
  clientEnd(): void;
  gone(): void;
  setFaults(...faults: readonly FaultInForce[]): void;
}

/** A session of one connection whose two ends, and whose clock, are the test's. */
export function playRedis(...initial: readonly FaultInForce[]): PlayedSession {
  return playHome({ declaration: DECLARATION, log: () => {} }, ...initial);
}

/** The same on a proxy that was declared otherwise. */
export function playHome(home: SessionHome, ...initial: readonly FaultInForce[]): PlayedSession {
  const clock = new FakeClock();
  const meter = new Meter(clock, 'message');
  let faults = initial;
  let toServer = '';
  let toClient = '';
  let closed: string | undefined;
  let clientPaused = false;
  const session = createRedisSession(
    {
      clock,
      client: '127.0.0.1',
      meter,
      clients: meter.clients!,
      faults: () => faults,
      toServer: (chunk) => {
        toServer += chunk.toString('latin1');
      },
      toServerEnd: () => {
        toServer += '<end>';
      },
      toClient: (chunk) => {
        toClient += chunk.toString('latin1');
      },
      toClientEnd: () => {
        toClient += '<end>';
      },
      close: (how) => {
        closed = how;
      },
      pause: (_, paused) => {
        clientPaused = paused;
      },
      injected: () => {},
      shared: (_, make) => make(),
    },
    home,
  );
  const bytes = (given: string | Buffer) =>
    typeof given === 'string' ? Buffer.from(given, 'latin1') : given;
  return {
    clock,
    meter,
    get toServer() {
      return toServer;
    },
    get toClient() {
      return toClient;
    },
    get closed() {
      return closed;
    },
    get clientPaused() {
      return clientPaused;
    },
    takeToServer() {
      const taken = toServer;
      toServer = '';
      return taken;
    },
    takeToClient() {
      const taken = toClient;
      toClient = '';
      return taken;
    },
    send: (...commands) => session.client(wire(...commands)),
    client: (given) => session.client(bytes(given)),
    server: (given) => session.server(bytes(given)),
    clientEnd: () => session.clientEnd(),
    gone: () => session.closed(),
    setFaults(...next) {
      const before = faults;
      faults = next;
      for (const fault of before) if (!next.includes(fault)) fault.release();
      session.faultsChanged();
    },
  };
}

/** Commands, their words separated by blanks, as a client sends them. */
export function wire(...commands: readonly string[]): Buffer {
  return Buffer.concat(commands.map((command) => request(...command.split(' '))));
}
