import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complete, cut, failed, message, ready, SYNC, startup } from '../../protocols/postgres/wire.ts';
import { playSession } from './play.ts';

const NOTHING_SUCH = { type: 'pg_error', match: { sql: 'nothing such' } } as const;
const LOSS = { type: 'pg_lost_ack' } as const;

/** The head of a message that claims this length. */
function head(letter: string, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(letter, 'latin1');
  bytes.writeInt32BE(length, 1);
  return bytes;
}

const GIGABYTE = 2 ** 30;
const letters = fc.constantFrom(...'QPBEDCFSHXdcfp');
const answers = fc.constantFrom(...'TDCEZNASRK12n');
const lengths = fc.oneof(
  fc.constantFrom(GIGABYTE, 2 ** 31 - 1, -1, -(2 ** 31), 0, 3, 4, 5),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);
const places = fc.array(fc.nat(), { maxLength: 8 });

describe('a message that claims any length', () => {
  test.each([
    ['client', letters],
    ['server', answers],
  ] as const)(
    'from the %s passes as it came, and no more than a little of it is ever kept',
    (side, kinds) => {
      fc.assert(
        fc.property(kinds, lengths, places, fc.boolean(), (letter, length, at, faulty) => {
          const it = playSession();
          if (faulty) it.put(NOTHING_SUCH);
          const passed = () => (side === 'client' ? it.bytesToServer() : it.bytesToClient()).length;
          const body = Buffer.alloc(64 * 1024, 0x41);
          let sent = 0;
          let got = 0;
          for (const chunk of [...cut(Buffer.concat([head(letter, length), body]), at), body, body]) {
            it.session[side](chunk);
            sent += chunk.length;
            got += passed();
            expect(sent - got).toBeLessThanOrEqual(20 * 1024);
          }
          it.put();
          expect(got + passed()).toBe(sent);
        }),
        { numRuns: 150 },
      );
    },
  );

  test('in place of a start-up packet passes at once', () => {
    fc.assert(
      fc.property(lengths, places, (length, at) => {
        const it = playSession({ fresh: true });
        it.put({ type: 'pg_error', attributes: { at: 'startup' } });
        const bytes = Buffer.concat([head('x', length).subarray(1), Buffer.alloc(12_000, 0x41)]);
        for (const chunk of cut(bytes, at)) it.session.client(chunk);
        expect(it.bytesToServer().equals(bytes)).toBe(true);
      }),
    );
  });
});

describe('a stream that breaks off anywhere', () => {
  const sent = Buffer.concat([
    message('Q', 'select 1'),
    message('P', 'a', 'select 2', Buffer.alloc(2)),
    message('B', '', 'a', Buffer.alloc(6)),
    message('E', '', 0),
    SYNC,
  ]);

  test.each(['without a fault', 'with one that matches nothing', 'with one that delays'])(
    'from the client passes as far as it came, and its end behind it: %s',
    (how) => {
      fc.assert(
        fc.property(fc.nat(sent.length), places, (length, at) => {
          const it = playSession();
          if (how.endsWith('nothing')) it.put(NOTHING_SUCH);
          if (how.endsWith('delays')) it.put({ type: 'pg_latency', attributes: { latency: 10 } });
          for (const chunk of cut(sent.subarray(0, length), at)) it.session.client(chunk);
          it.session.clientEnd();
          it.clock.advance(10);
          it.clock.advance(10);
          expect(it.bytesToServer().equals(sent.subarray(0, length))).toBe(true);
          expect(it.state.serverEnded).toBe(true);
          it.session.closed();
          expect(it.meter.held).toBe(0);
        }),
      );
    },
  );

  test('from the server passes as far as it came, although a fault would have lost the whole', () => {
    const answer = Buffer.concat([complete('INSERT 0 1'), ready('I')]);
    fc.assert(
      fc.property(fc.nat(answer.length - 1), places, (length, at) => {
        const it = playSession();
        const [fault] = it.put(LOSS);
        it.client(message('Q', 'insert into t values (1)'));
        for (const chunk of cut(answer.subarray(0, length), at)) it.session.server(chunk);
        it.session.serverEnd();
        expect(it.bytesToClient().equals(answer.subarray(0, length))).toBe(true);
        expect(it.state.clientEnded).toBe(true);
        expect(fault!.counts).toMatchObject({ matched: 1, injected: 0, skipped: { 'server gone': 1 } });
      }),
    );
  });

  test('from the server in the error that a fault would have rewritten passes too', () => {
    const answer = failed('26000', 'prepared statement does not exist');
    fc.assert(
      fc.property(fc.nat(answer.length - 1), (length) => {
        const it = playSession();
        it.client(message('Q', 'begin'));
        it.server(complete('BEGIN'), ready('T'));
        it.bytesToClient();
        it.put({ type: 'pg_error', attributes: { sqlstate: '40001' } });
        it.client(message('Q', 'select 1'));
        it.session.server(answer.subarray(0, length));
        it.session.serverEnd();
        expect(it.bytesToClient().equals(answer.subarray(0, length))).toBe(true);
      }),
    );
  });
});

test('any first byte of a client that is no start-up passes, with what comes behind it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 64 }), places, (bytes, at) => {
      fc.pre(bytes[0] !== 0);
      const it = playSession({ fresh: true });
      const [fault] = it.put(NOTHING_SUCH);
      const sent = Buffer.concat([Buffer.from(bytes), startup({ user: 'ada' })]);
      for (const chunk of cut(sent, at)) it.session.client(chunk);
      expect(it.bytesToServer().equals(sent)).toBe(true);
      expect(fault!.counts.matched).toBe(0);
      expect(Object.values(fault!.counts.skipped)).toEqual([1]);
    }),
  );
});
