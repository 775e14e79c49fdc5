import { expect, test } from 'vitest';
import { message } from '../protocols/postgres/wire.ts';
import { playSession } from '../proxy/postgres/play.ts';

test('pg_kill ends the connection with the words of an administrator, and sends nothing on', () => {
  const it = playSession();
  const [fault] = it.put({ type: 'pg_kill', match: { after: 1 } });
  it.client(message('Q', 'select 1'));
  expect(it.toServer()).toEqual(['Q select 1']);
  it.server(message('C', 'SELECT 1'), message('Z', Buffer.from('I')));
  it.toClient();
  it.client(message('Q', 'select 2'), message('Q', 'select 3'));
  expect(it.toServer()).toEqual([]);
  expect(it.toClient()).toEqual(['E 57P01 terminating connection due to administrator command']);
  expect(it.state.closed).toBe('fin');
  expect(fault!.counts).toMatchObject({ matched: 2, injected: 1 });
  it.session.closed();
  expect(it.meter).toMatchObject({ units: 2, answers: ['ok', '57P01 injected'] });
});
