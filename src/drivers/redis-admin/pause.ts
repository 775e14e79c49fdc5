import { z } from 'zod';
import { choice } from '../../faults/attributes.ts';
import { type AdminFault, CannotEngage, type Engaged } from '../admin/index.ts';
import { whyForbidden } from './permission.ts';
import type { RedisServer } from './server.ts';

const attributes = z.strictObject({
  mode: choice('What waits: commands that may write, or all commands', ['write', 'all'], 'write'),
});
type PauseAttributes = z.output<typeof attributes>;

/** Longest time for which a server that is paused wholly stays so after the fault was taken back. */
const SLICE_MS = 500;

/** `CLIENT PAUSE`: the server takes commands and answers none until the pause is over. */
export const clientPause: AdminFault<PauseAttributes, RedisServer> = {
  type: 'redis_client_pause',
  attributes,
  summary: 'Makes clients wait on the server, by CLIENT PAUSE',
  undo: 'waiting commands go on: at once by CLIENT UNPAUSE (write), within a second, when the last short pause is over (all); the server ends the pause itself when the lease is not renewed',
  endsConnections: false,
  shares: false,
  unit: 'servers',
  addedLatency: () => Number.POSITIVE_INFINITY,
  explain: ({ mode }) =>
    `make ${mode === 'all' ? 'all commands' : 'commands that may write'} wait on the server`,
  whyNot: async ({ mode }, server) => whyForbidden(server, ['CLIENT', 'PAUSE', '1', mode.toUpperCase()]),
  async engage({ server, attributes, leaseMs, matched, injected }) {
    const paused = await (attributes.mode === 'all' ? pauseAll(server) : pauseWrites(server, leaseMs)).catch(
      (error: Error) => {
        throw new CannotEngage(error.message);
      },
    );
    matched(1);
    injected(1);
    return paused;
  },
};

/** A pause as long as the lease, which each renewal prolongs. */
async function pauseWrites(server: RedisServer, leaseMs: number): Promise<Engaged<PauseAttributes>> {
  const pause = async (ms: number) => {
    await server.call('CLIENT', 'PAUSE', String(Math.ceil(ms)), 'WRITE');
  };
  await pause(leaseMs);
  return {
    renew: (values) => pause(values.leaseMs),
    async release() {
      await server.call('CLIENT', 'UNPAUSE');
    },
    alive: true,
  };
}

/** So many slices wait on the server ahead of every other client: one that were sent only after the last would come behind them. */
const AHEAD = 2;

/**
 * A server that is paused wholly keeps CLIENT UNPAUSE waiting like any other command. So the pause is made of short ones: the
 * next waits first in the line, and comes into force before what waits behind it is served. Dropping its connection ends them.
 */
async function pauseAll(server: RedisServer): Promise<Engaged<PauseAttributes>> {
  const connection = await server.connection();
  const slice = () => connection.call('CLIENT', 'PAUSE', String(SLICE_MS), 'ALL');
  let ended = false;
  try {
    await slice();
  } catch (error) {
    connection.drop();
    throw error;
  }
  const goOn = async () => {
    while (!ended) await slice();
  };
  const going = Promise.allSettled(Array.from({ length: AHEAD }, goOn));
  return {
    renew: async () => {},
    async release() {
      ended = true;
      connection.drop();
      await going;
      // Answered as soon as the last slice is over.
      await server.call('PING');
    },
    get alive() {
      return connection.alive;
    },
  };
}
