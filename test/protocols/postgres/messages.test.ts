import { describe, expect, test } from 'vitest';
import {
  bind,
  closeStatement,
  errorFields,
  errorResponse,
  execute,
  parse,
  query,
  readyForQuery,
} from '../../../src/protocols/postgres/messages.ts';
import { readStartup } from '../../../src/protocols/postgres/startup.ts';
import { CANCEL_REQUEST, failed, message, packet, ready, SSL_REQUEST, startup } from './wire.ts';

describe('a message written', () => {
  const error = { severity: 'ERROR', sqlstate: '40001', message: 'could not serialize' } as const;
  test.each([
    ['ErrorResponse', errorResponse(error), failed('40001', 'could not serialize')],
    [
      'FATAL ErrorResponse',
      errorResponse({ ...error, severity: 'FATAL' }),
      failed('40001', 'could not serialize', 'FATAL'),
    ],
    ['ReadyForQuery', readyForQuery('T'), ready('T')],
    ['Query', query('select 1'), message('Q', 'select 1')],
    ['Parse', parse('a', 'select 1'), message('P', 'a', 'select 1', Buffer.alloc(2))],
    ['Bind', bind('p', 'a'), message('B', 'p', 'a', Buffer.alloc(6))],
    ['Execute', execute('p'), message('E', 'p', 0)],
    ['Close', closeStatement('a'), message('C', Buffer.from('S'), 'a')],
  ])('as %s has its bytes', (_, written, wanted) => {
    expect(written.toString('hex')).toBe(wanted.toString('hex'));
  });

  test('holds no zero byte inside a field, which would begin another', () => {
    const bytes = errorResponse({ ...error, message: 'a\0Cfake' });
    expect(errorFields(bytes, 5, bytes.length).get('C')).toBe('40001');
    expect(errorFields(bytes, 5, bytes.length).get('M')).toBe('aCfake');
  });
});

describe('an error read', () => {
  test('gives its fields by their letters, as far as they are there', () => {
    const bytes = failed('57014', 'canceling statement');
    expect(Object.fromEntries(errorFields(bytes, 5, bytes.length))).toEqual({
      S: 'ERROR',
      V: 'ERROR',
      C: '57014',
      M: 'canceling statement',
    });
    expect(errorFields(bytes, 5, 25).get('C')).toBe('57014');
    expect(errorFields(bytes, 5, 5).size).toBe(0);
  });
});

describe('a start-up packet', () => {
  const read = (bytes: Buffer) => readStartup(bytes, 4, bytes.length - 4);

  test('gives its parameters', () => {
    const found = read(startup({ user: 'ada', database: 'notes' }));
    expect(found.kind === 'startup' && Object.fromEntries(found.parameters)).toEqual({
      user: 'ada',
      database: 'notes',
    });
  });

  test('of minor version 2 is one', () => {
    expect(read(packet(0x00030002, Buffer.from('user\0ada\0\0'))).kind).toBe('startup');
  });

  test('that breaks off in a name or a value gives what is there', () => {
    const found = read(packet(0x00030000, Buffer.from('user\0ada\0databa')));
    expect(found.kind === 'startup' && found.parameters.get('user')).toBe('ada');
  });

  test.each([
    ['encryption', SSL_REQUEST],
    ['encryption', packet(80877104)],
    ['cancel', CANCEL_REQUEST],
    ['unknown', packet(0x00020000)],
    ['unknown', packet(-1)],
  ])('may be for %s', (kind, bytes) => {
    expect(read(bytes).kind).toBe(kind);
  });
});
