import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pgError } from '../../src/faults/pg_error.ts';
import {
  complete,
  cut,
  extended,
  failed,
  message,
  ready,
  SYNC,
  startup,
  told,
} from '../protocols/postgres/wire.ts';
import { type PlayedSession, playSession } from '../proxy/postgres/play.ts';

const CONFLICT = { type: 'pg_error', attributes: { sqlstate: '40001' } } as const;
const CONFLICT_TOLD = 'E 40001 could not serialize access due to concurrent update';

/** The name in what the server got in a statement's place. */
function nameIn(sent: Buffer): string {
  return /faultline_[0-9a-f]+/.exec(sent.toString('latin1'))![0];
}

function open(status: 'T' | 'E'): PlayedSession {
  const it = playSession();
  it.client(message('Q', 'begin'));
  it.server(complete('BEGIN'), ready(status));
  it.bytesToServer();
  it.bytesToClient();
  return it;
}

describe('pg_error on a simple query', () => {
  test('answers in the place of the server when nothing is under way', () => {
    const it = playSession();
    const [fault] = it.put(CONFLICT);
    it.client(message('Q', 'insert into t values (1)'));
    expect(it.toServer()).toEqual([]);
    expect(it.toClient()).toEqual([CONFLICT_TOLD, 'Z I']);
    expect(fault!.counts).toMatchObject({ matched: 1, injected: 1, skipped: {} });
    expect(it.meter).toMatchObject({ units: 1, answers: ['40001 injected'] });
  });

  test('keeps its place behind answers that are due', () => {
    const it = playSession();
    it.client(message('Q', 'select 1'));
    it.put(CONFLICT);
    it.client(message('Q', 'select 2'), message('Q', 'select 3'));
    it.put();
    it.client(message('Q', 'select 4'));
    expect(it.toClient()).toEqual([]);
    it.server(
      complete('SELECT 1'),
      ready('I'),
      failed('26000', 'no'),
      ready('I'),
      failed('26000', 'no'),
      ready('I'),
    );
    it.server(complete('SELECT 4'), ready('I'));
    expect(it.toClient()).toEqual([
      'C SELECT 1',
      'Z I',
      CONFLICT_TOLD,
      'Z I',
      CONFLICT_TOLD,
      'Z I',
      'C SELECT 4',
      'Z I',
    ]);
    expect(it.meter.answers).toEqual(['ok', '40001 injected', '40001 injected', 'ok']);
  });

  test('in a transaction is sent on in a form that fails, and only the text of the error is changed', () => {
    const it = open('T');
    const [fault] = it.put(CONFLICT);
    it.client(message('Q', 'insert into t values (1)'));
    expect(it.toServer()).toEqual([expect.stringMatching(/^Q EXECUTE faultline_/)]);
    expect(fault!.counts.injected).toBe(0);
    it.server(failed('26000', 'prepared statement "…" does not exist'), ready('E'));
    expect(it.toClient()).toEqual([CONFLICT_TOLD, 'Z E']);
    expect(fault!.counts.injected).toBe(1);
  });

  test('at the COMMIT of a transaction ends it, as a commit that fails does', () => {
    const it = open('T');
    it.put(CONFLICT);
    it.client(message('Q', 'commit'));
    expect(it.toServer()).toEqual(['Q ROLLBACK']);
    it.server(complete('ROLLBACK'), ready('I'));
    expect(it.toClient()).toEqual([CONFLICT_TOLD, 'Z I']);
    expect(it.meter.answers.at(-1)).toBe('40001 injected');
  });

  test.each([
    ['a rollback', 'T', 'rollback'],
    ['transaction failed already', 'E', 'select 1'],
  ] as const)('is counted as skipped where a server would not: %s', (reason, status, sql) => {
    const it = open(status);
    const [fault] = it.put(CONFLICT);
    it.client(message('Q', sql));
    expect(it.toServer()).toEqual([`Q ${sql}`]);
    expect(fault!.counts).toMatchObject({ injected: 0, skipped: { [reason]: 1 } });
  });

  test('of many megabytes is answered without being held or sent on', () => {
    const it = playSession();
    it.put(CONFLICT);
    const head = Buffer.alloc(5);
    head.write('Q');
    head.writeInt32BE(4 + 2 ** 24, 1);
    it.client(head);
    for (let sent = 0; sent < 2 ** 24; sent += 2 ** 16) it.client(Buffer.alloc(2 ** 16, ' '));
    expect(it.toServer()).toEqual([]);
    expect(it.toClient()).toEqual([CONFLICT_TOLD, 'Z I']);
    it.put();
    it.client(message('Q', 'select 1'));
    expect(it.toServer()).toEqual(['Q select 1']);
  });
});

describe('pg_error in the extended protocol', () => {
  test('lets the server fail at the Execute, discard what follows, and answer the Sync', () => {
    const it = playSession();
    const [fault] = it.put(CONFLICT);
    it.client(...extended('insert into t values ($1)'), SYNC);
    const sent = it.bytesToServer();
    const name = nameIn(sent);
    expect(told(sent)).toEqual(['P insert into t values ($1)', 'B', 'D P', `E ${name}`, 'S']);
    it.server(
      message('1'),
      message('2'),
      message('n'),
      failed('34000', `portal "${name}" does not exist`),
      ready('I'),
    );
    expect(it.toClient()).toEqual(['1', '2', 'n', CONFLICT_TOLD, 'Z I']);
    expect(fault!.counts).toMatchObject({ matched: 1, injected: 1 });
    expect(it.meter.answers).toEqual(['40001 injected']);
  });

  test('leaves an error of its own alone, and says that it did not act', () => {
    const it = playSession();
    const [fault] = it.put(CONFLICT);
    it.client(...extended('insert into oops'), SYNC);
    it.server(failed('42601', 'syntax error'), ready('I'));
    expect(it.toClient()).toEqual(['E 42601 syntax error', 'Z I']);
    expect(fault!.counts).toMatchObject({ injected: 0, skipped: { 'failed by itself': 1 } });
    it.put();
    it.client(...extended('select 1'), SYNC);
    it.server(message('1'), message('2'), message('n'), complete('SELECT 1'), ready('I'));
    expect(it.toClient().at(-1)).toBe('Z I');
    expect(it.meter.answers).toEqual(['42601', 'ok']);
  });

  test('numbers no statement that the server will discard', () => {
    const it = playSession();
    const [fault] = it.put(CONFLICT);
    it.client(...extended('select 1'), ...extended('select 2'), SYNC);
    expect(fault!.counts.matched).toBe(1);
    const name = nameIn(it.bytesToServer());
    it.server(message('1'), message('2'), message('n'), failed('34000', `portal "${name}"`), ready('I'));
    it.client(...extended('select 3'), SYNC);
    expect(fault!.counts.matched).toBe(2);
  });

  test('at the COMMIT of a transaction ends it, and answers to what was sent for that are nobody’s', () => {
    const it = open('T');
    it.put(CONFLICT);
    it.client(...extended('commit'), SYNC);
    const name = nameIn(it.bytesToServer());
    it.server(message('1'), message('2'), message('n'));
    it.server(
      message('1'),
      message('2'),
      complete('ROLLBACK'),
      message('3'),
      failed('34000', `portal "${name}"`),
    );
    it.server(ready('I'));
    expect(it.toClient()).toEqual(['1', '2', 'n', CONFLICT_TOLD, 'Z I']);
    expect(it.meter.answers.at(-1)).toBe('40001 injected');
  });

  test('knows the SQL of a named statement that was prepared before the fault', () => {
    const it = playSession();
    it.client(message('P', 'a', 'insert into t values ($1)', Buffer.alloc(2)), SYNC);
    it.server(message('1'), ready('I'));
    const [fault] = it.put({ ...CONFLICT, match: { sql: '^insert', command: 'ins*' } });
    it.client(message('B', 'p', 'a', Buffer.alloc(6)), message('E', 'p', 0), SYNC);
    it.client(message('B', '', 'other', Buffer.alloc(6)), message('E', '', 0), SYNC);
    expect(fault!.counts.matched).toBe(1);
  });
});

describe('pg_error', () => {
  test('has the same outcome however the messages are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (places) => {
        const it = open('T');
        it.put(CONFLICT);
        const sent = Buffer.concat([
          ...extended('insert into t values ($1)'),
          SYNC,
          message('Q', 'rollback'),
        ]);
        for (const chunk of cut(sent, places)) it.session.client(chunk);
        const name = nameIn(it.bytesToServer());
        const answer = Buffer.concat([
          message('1'),
          message('2'),
          message('n'),
          failed('34000', `portal "${name}" does not exist`),
          ready('E'),
          complete('ROLLBACK'),
          ready('I'),
        ]);
        for (const chunk of cut(answer, places)) it.session.server(chunk);
        expect(it.toClient()).toEqual(['1', '2', 'n', CONFLICT_TOLD, 'Z E', 'C ROLLBACK', 'Z I']);
      }),
    );
  });

  test('that is FATAL comes after the answers that are due, and closes without a word more', () => {
    const it = playSession();
    it.client(message('Q', 'select 1'));
    it.put({ type: 'pg_error', attributes: { sqlstate: '57P01' } });
    it.client(message('Q', 'select 2'), message('Q', 'select 3'));
    expect(it.toServer()).toEqual(['Q select 1']);
    it.server(complete('SELECT 1'), ready('I'));
    expect(it.toClient()).toEqual(['C SELECT 1', 'Z I', expect.stringMatching(/^E 57P01 terminating/)]);
    expect(it.state.closed).toBe('fin');
    expect(it.toServer()).toEqual([]);
    it.session.closed();
    expect(it.meter).toMatchObject({ units: 2, answers: ['ok', '57P01 injected'] });
  });

  test('at start-up is FATAL, closes, and sends nothing on', () => {
    const it = playSession({ fresh: true });
    const [fault] = it.put({ type: 'pg_error', attributes: { sqlstate: '3D000', at: 'startup' } });
    it.client(startup({ user: 'ada', database: 'notes' }));
    expect(it.toServer()).toEqual([]);
    expect(it.toClient()).toEqual(['E 3D000 database "notes" does not exist']);
    expect(it.state.closed).toBe('fin');
    expect(fault!.counts.injected).toBe(1);
  });

  test('at start-up leaves statements alone', () => {
    const it = playSession();
    const [fault] = it.put({ type: 'pg_error', attributes: { at: 'startup' } });
    it.client(message('Q', 'select 1'));
    expect(it.toServer()).toEqual(['Q select 1']);
    expect(fault!.counts.matched).toBe(0);
  });

  test('is narrowed by user, database, command and SQL', () => {
    const matches = (match: object) => {
      const it = playSession();
      const [fault] = it.put({ ...CONFLICT, match });
      it.client(message('Q', '/* a */ Update notes set a = 1'));
      return fault!.counts.matched === 1;
    };
    expect(matches({ user: 'a*', database: 'notes', command: 'update', sql: 'update\\s+NOTES' })).toBe(true);
    for (const match of [{ user: 'b*' }, { database: 'x' }, { command: 'INSERT' }, { sql: '^update' }])
      expect(matches(match)).toBe(false);
  });

  test('that goes while a frame is half there lets it pass whole', () => {
    const it = playSession();
    it.put(CONFLICT);
    const sent = message('Q', 'select 1');
    it.client(sent.subarray(0, 8));
    expect(it.bytesToServer()).toHaveLength(0);
    it.put();
    expect(it.bytesToServer()).toHaveLength(8);
    it.client(sent.subarray(8));
    it.server(complete('SELECT 1'), ready('I'));
    expect(it.toClient()).toEqual(['C SELECT 1', 'Z I']);
  });

  test.each([
    ['40001', 'ERROR', 'fail each statement with SQLSTATE 40001'],
    ['57P01', 'FATAL', 'fail each statement with SQLSTATE 57P01 and end its connection'],
  ])('%s has the severity of the server', (sqlstate, _, sentence) => {
    expect(pgError.explain(pgError.attributes.parse({ sqlstate }))).toBe(sentence);
  });

  test('ends connections only where a statement fails with FATAL', () => {
    const ends = (given: object) => !pgError.endsNone!(pgError.attributes.parse(given));
    expect(ends({ sqlstate: '40001' })).toBe(false);
    expect(ends({ sqlstate: '57P01' })).toBe(true);
    expect(ends({ sqlstate: '57P01', severity: 'ERROR' })).toBe(false);
    expect(ends({ sqlstate: '40001', severity: 'FATAL' })).toBe(true);
    expect(ends({ sqlstate: '57P01', at: 'startup' })).toBe(false);
  });

  test.each(['4000', '40 01', '00000', '01000', 'abcde'])(
    'refuses %s, which is no SQLSTATE of an error',
    (sqlstate) => {
      expect(pgError.attributes.safeParse({ sqlstate }).success).toBe(false);
    },
  );
});
