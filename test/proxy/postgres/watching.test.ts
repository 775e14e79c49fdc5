import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CANCEL_REQUEST,
  complete,
  cut,
  extended,
  failed,
  message,
  packet,
  ready,
  SSL_REQUEST,
  SYNC,
  startup,
} from '../../protocols/postgres/wire.ts';
import { playSession } from './play.ts';

const CONVERSATION: readonly (readonly ['client' | 'server', Buffer])[] = [
  ['client', startup({ user: 'ada', database: 'notes' })],
  ['server', Buffer.concat([message('R', 0), message('S', 'a', 'b'), message('K', 7, 8), ready('I')])],
  ['client', message('Q', 'select 1')],
  [
    'server',
    Buffer.concat([
      message('T', Buffer.alloc(20)),
      message('D', Buffer.alloc(10)),
      complete('SELECT 1'),
      ready('I'),
    ]),
  ],
  ['client', Buffer.concat([...extended('insert into t values (1)', 'a'), SYNC])],
  ['server', Buffer.concat([message('1'), message('2'), message('n'), complete('INSERT 0 1'), ready('I')])],
  ['client', Buffer.concat([message('Q', 'select oops'), message('Q', 'select 2')])],
  ['server', Buffer.concat([failed('42703', 'no column'), ready('I'), complete('SELECT 1'), ready('I')])],
];

describe('a session without a fault', () => {
  test('hands each chunk on as it came, in the same tick', () => {
    const it = playSession({ fresh: true });
    for (const [side, bytes] of CONVERSATION) {
      if (side === 'client') it.client(bytes);
      else it.server(bytes);
      const got = side === 'client' ? it.bytesToServer() : it.bytesToClient();
      expect(got.equals(bytes)).toBe(true);
    }
    expect(it.meter).toMatchObject({ units: 4, answers: ['ok', 'ok', '42703', 'ok'] });
  });

  test.each(['without a fault', 'with one that matches nothing'])(
    'loses, repeats and reorders no byte however it is cut, %s',
    (how) => {
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 30 }), (places) => {
          const it = playSession({ fresh: true });
          if (how !== 'without a fault') it.put({ type: 'pg_error', match: { sql: 'nothing such' } });
          let seed = 0;
          for (const [side, bytes] of CONVERSATION) {
            const chunks = cut(
              bytes,
              places.map((place) => place + seed++),
            );
            for (const chunk of chunks) it.session[side](chunk);
            const got = side === 'client' ? it.bytesToServer() : it.bytesToClient();
            expect(got.equals(bytes)).toBe(true);
          }
          expect(it.meter).toMatchObject({ units: 4, answers: ['ok', 'ok', '42703', 'ok'] });
        }),
      );
    },
  );

  test('counts units that never get an answer as errors', () => {
    const it = playSession();
    it.client(message('Q', 'select 1'), message('Q', 'select 2'));
    it.server(complete('SELECT 1'), ready('I'));
    it.session.closed();
    expect(it.meter).toMatchObject({ units: 2, answers: ['ok', 'error'] });
  });

  test('counts a start-up that the server refuses by its code', () => {
    const it = playSession({ fresh: true });
    it.client(startup({ user: 'ada' }));
    it.server(failed('53300', 'sorry, too many clients already', 'FATAL'));
    it.session.closed();
    expect(it.meter).toMatchObject({ units: 1, answers: ['53300'] });
  });

  test('counts no unit that the server discards after an error', () => {
    const it = playSession();
    it.client(...extended('select oops'), ...extended('select 2'));
    it.server(failed('42703', 'no column'));
    it.client(message('Q', 'select 3'), SYNC, message('Q', 'select 4'));
    it.server(ready('I'), complete('SELECT 1'), ready('I'));
    expect(it.meter.answers).toEqual(['42703', 'ok']);
  });

  test('takes no Sync for one that the server ignores while it copies', () => {
    const it = playSession();
    it.client(...extended('copy t from stdin'), SYNC);
    it.server(message('1'), message('2'), message('n'), message('G', Buffer.alloc(3)));
    it.client(message('d', Buffer.from('1\n')), message('c'), SYNC);
    it.server(complete('COPY 1'), ready('I'));
    it.client(message('Q', 'select 1'));
    it.server(complete('SELECT 1'), ready('I'));
    expect(it.meter.answers).toEqual(['ok', 'ok']);
  });

  test('passes the ends of both streams on', () => {
    const it = playSession();
    it.session.clientEnd();
    expect(it.state.serverEnded).toBe(true);
    it.session.serverEnd();
    expect(it.state.clientEnded).toBe(true);
  });

  test('reads the client no further while a great many answers are due, and goes on when they have come', () => {
    const it = playSession();
    for (let sent = 0; sent < 20_000; sent += 1000) it.client(...Array(1000).fill(SYNC));
    expect(it.state.paused.client).toBe(true);
    for (let sent = 0; sent < 20_000; sent += 1000) it.server(...Array(1000).fill(ready('I')));
    expect(it.state.paused.client).toBe(false);
  });
});

describe('a connection that cannot be read', () => {
  const unread = (begin: (it: ReturnType<typeof playSession>) => void) => {
    const it = playSession({ fresh: true });
    const [fault] = it.put({ type: 'pg_error' });
    begin(it);
    return { it, fault: fault! };
  };

  test.each([
    ['TLS that was agreed on', 'encrypted', [SSL_REQUEST], [Buffer.from('S')]],
    ['GSS encryption', 'encrypted', [packet(80877104)], [Buffer.from('G')]],
    ['TLS from its first byte', 'encrypted', [Buffer.from([0x16, 3, 1, 2, 0, 1])], []],
    ['HTTP', 'not understood', [Buffer.from('GET / HTTP/1.1\r\n\r\n')], []],
    ['version 2', 'not understood', [packet(0x00020000)], []],
    [
      'an answer to a request for encryption that is none',
      'not understood',
      [SSL_REQUEST],
      [Buffer.from('E')],
    ],
    ['a message of no type there is', 'not understood', [startup({ user: 'ada' }), message('!')], []],
    ['an answer of no type there is', 'not understood', [startup({ user: 'ada' })], [message('!')]],
  ])('passes whole, and its faults are counted as skipped: %s', (_, reason, client, server) => {
    const garbage = Buffer.from('\x00\x00\xff\x17not Postgres at all');
    const { it, fault } = unread((it) => {
      it.client(...client);
      if (server.length > 0) it.server(...server);
    });
    it.client(garbage);
    it.server(garbage);
    expect(it.bytesToServer().equals(Buffer.concat([...client, garbage]))).toBe(true);
    expect(it.bytesToClient().equals(Buffer.concat([...server, garbage]))).toBe(true);
    expect(fault.counts).toEqual({ matched: 0, injected: 0, skipped: { [reason]: 1 } });
    const [later] = it.put({ type: 'pg_latency', attributes: { latency: 100 } });
    expect(later!.counts.skipped).toEqual({ [reason]: 1 });
  });

  test('for replication passes whole from its start-up on', () => {
    const { it, fault } = unread((it) => it.client(startup({ user: 'ada', replication: 'database' })));
    it.bytesToServer();
    it.client(message('Q', 'IDENTIFY_SYSTEM'));
    expect(it.toServer().at(-1)).toBe('Q IDENTIFY_SYSTEM');
    expect(fault.counts.skipped).toEqual({ replication: 1 });
  });

  test('of a cancellation passes without a word', () => {
    const { it, fault } = unread((it) => it.client(CANCEL_REQUEST));
    expect(it.bytesToServer().equals(CANCEL_REQUEST)).toBe(true);
    expect(fault.counts.skipped).toEqual({});
  });

  test('goes on being read when encryption was refused', () => {
    const it = playSession({ fresh: true });
    const [fault] = it.put({ type: 'pg_error' });
    it.client(packet(80877104));
    it.server(Buffer.from('N'));
    it.client(SSL_REQUEST);
    it.server(Buffer.from('N'));
    it.client(startup({ user: 'ada' }));
    it.server(ready('I'));
    it.bytesToClient();
    it.client(message('Q', 'select 1'));
    expect(it.toClient()).toEqual(['E 57014 canceling statement due to statement timeout', 'Z I']);
    expect(fault!.counts).toMatchObject({ matched: 1, injected: 1 });
  });

  test('loses no byte of any garbage, in both directions, with and without a fault', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 80 })), { maxLength: 20 }),
        fc.boolean(),
        fc.boolean(),
        (chunks, started, faulty) => {
          const it = playSession({ fresh: !started });
          if (faulty) it.put({ type: 'pg_error', match: { sql: 'nothing such' } });
          const sent = { client: [] as Buffer[], server: [] as Buffer[] };
          for (const [fromClient, garbage] of chunks) {
            const side = fromClient ? 'client' : 'server';
            sent[side].push(Buffer.from(garbage));
            it.session[side](Buffer.from(garbage));
          }
          it.put();
          expect(it.bytesToServer().equals(Buffer.concat(sent.client))).toBe(true);
          expect(it.bytesToClient().equals(Buffer.concat(sent.server))).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });
});
