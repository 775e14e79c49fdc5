import { afterEach, describe, expect, test } from 'vitest';
import { PROTOCOLS } from '../../../src/core/protocol.ts';
import { exchange } from '../../../src/experiments/proof/exchange.ts';
import { type StandIn, startStandIn } from '../../../src/experiments/proof/stand-in.ts';
import { freePort } from '../../support/free-port.ts';

let standIn: StandIn | undefined;
afterEach(() => standIn?.close());

describe('a stand-in', () => {
  test.each(PROTOCOLS)('answers a client of %s, again and again', async (protocol) => {
    standIn = await startStandIn(protocol);
    expect(await exchange(protocol, standIn.address, 10_000)).toBe(true);
    expect(await exchange(protocol, standIn.address, 10_000)).toBe(true);
  });

  test.each(PROTOCOLS)('that is not there gives %s no exchange', async (protocol) => {
    expect(await exchange(protocol, `127.0.0.1:${await freePort()}`, 10_000)).toBe(false);
  });

  test.each(['http', 'redis', 'postgres'] as const)(
    'of another protocol is not taken for one of %s',
    async (protocol) => {
      standIn = await startStandIn(protocol === 'redis' ? 'http' : 'redis');
      expect(await exchange(protocol, standIn.address, 1000)).toBe(false);
    },
  );
});
