import { expect, test } from 'vitest';
import type { Pump } from '../../src/proxy/pump.ts';
import type { ProtocolSession, SessionContext } from '../../src/proxy/session.ts';
import { type SessionHost, SessionSeat } from '../../src/proxy/session-seat.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** The seat of this session, between pumps that note what reaches them. */
function seated(create: (context: SessionContext) => Partial<ProtocolSession>) {
  const out: string[] = [];
  const pump = (name: string) => {
    const receiver = {
      push: (chunk: Buffer) => void out.push(`${name} ${chunk}`),
      end: () => void out.push(`${name} end`),
    };
    return { enter: receiver, leave: receiver, backlog: 0, waitForReader() {}, hold() {} } as unknown as Pump;
  };
  const pumps = { upstream: pump('server'), downstream: pump('client') };
  const meter = { unit() {}, answered() {}, retry() {}, sentOn() {}, hold: () => () => {} };
  const none = { client() {}, clientEnd() {}, server() {}, serverEnd() {}, faultsChanged() {}, closed() {} };
  const host: Partial<SessionHost> = {
    create: (context) => ({ ...none, ...create(context) }),
    meter,
    faults: () => [],
    shared: (_, make) => make(),
    failed: (error) => void out.push(`failed: ${(error as Error).message}`),
  };
  const seat = new SessionSeat({
    host: host as SessionHost,
    clock: new FakeClock(),
    address: '127.0.0.1',
    pumps: () => pumps,
    injected() {},
    close: (how) => void out.push(how),
    abandon: () => void out.push('abandoned'),
  });
  return { seat, out };
}

test('a session that throws loses its connection, and nothing but that', () => {
  const { seat, out } = seated(() => ({
    client() {
      throw new Error('a bug');
    },
  }));
  seat.fromServer.push(Buffer.from('x'));
  seat.fromClient.push(Buffer.from('x'));
  seat.fromClient.push(Buffer.from('y'));
  seat.faultsChanged();
  expect(out).toEqual(['failed: a bug', 'abandoned']);
});

test('a session that closes its connection is told and sends nothing more', () => {
  const { seat, out } = seated((context) => ({
    client(chunk) {
      context.toClient(Buffer.from('last words'));
      context.close('rst');
      context.close('fin');
      context.toServer(chunk);
      context.toClient(chunk);
    },
  }));
  seat.fromClient.push(Buffer.from('x'));
  seat.fromClient.push(Buffer.from('y'));
  seat.fromServer.push(Buffer.from('z'));
  expect(out).toEqual(['client last words', 'rst']);
});
