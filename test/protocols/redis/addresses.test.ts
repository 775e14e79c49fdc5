import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressBook } from '../../../src/protocols/redis/addresses.ts';
import { tellsAddresses } from '../../../src/protocols/redis/node-replies.ts';
import { given } from './given.ts';

const book = new AddressBook(
  {
    '10.0.0.1:6379': '127.0.0.1:16379',
    '10.0.0.7:6380': '127.0.0.1:16380',
    '[fd00::1]:7000': 'localhost:17000',
  },
  '10.0.0.7',
);
const rewrite = (text: string) => book.rewrite(Buffer.from(text, 'latin1')).toString('latin1');

/** A RESP2 value of JavaScript's: numbers are integers, texts are bulks. */
function resp(value: unknown): string {
  if (Array.isArray(value)) return `*${value.length}\r\n${value.map(resp).join('')}`;
  return typeof value === 'number' ? `:${value}\r\n` : `$${String(value).length}\r\n${value}\r\n`;
}

function verbatim(text: string): string {
  return `=${text.length + 4}\r\ntxt:${text}\r\n`;
}

describe('the map of addresses', () => {
  test.each([
    ['MOVED', '-MOVED 3999 10.0.0.1:6379\r\n', '-MOVED 3999 127.0.0.1:16379\r\n'],
    ['ASK to IPv6', '-ASK 3999 fd00::1:7000\r\n', '-ASK 3999 localhost:17000\r\n'],
    ['no other error', '-ERR no 10.0.0.1:6379\r\n', '-ERR no 10.0.0.1:6379\r\n'],
    ['a MOVED elsewhere', '-MOVED 3999 10.0.0.9:6379\r\n', '-MOVED 3999 10.0.0.9:6379\r\n'],
    [
      'CLUSTER SLOTS',
      resp([[0, 5460, ['10.0.0.1', 6379, 'id', []], ['10.0.0.2', 6379, 'id', []]]]),
      resp([[0, 5460, ['127.0.0.1', 16379, 'id', []], ['10.0.0.2', 6379, 'id', []]]]),
    ],
    [
      'CLUSTER SHARDS in RESP3',
      `*1\r\n%4\r\n${resp('id')}${resp('x')}${resp('port')}:6379\r\n${resp('ip')}${resp('10.0.0.1')}${resp('endpoint')}${resp('10.0.0.1')}`,
      `*1\r\n%4\r\n${resp('id')}${resp('x')}${resp('port')}:16379\r\n${resp('ip')}${resp('127.0.0.1')}${resp('endpoint')}${resp('127.0.0.1')}`,
    ],
    [
      'CLUSTER NODES',
      resp('07c3 10.0.0.1:6379@16379,host slave\ne7d1 10.0.0.2:6379@16379 master\n'),
      resp('07c3 127.0.0.1:16379@16379,host slave\ne7d1 10.0.0.2:6379@16379 master\n'),
    ],
    ['SENTINEL get-master-addr-by-name', resp(['10.0.0.1', '6379']), resp(['127.0.0.1', '16379'])],
    [
      'SENTINEL replicas',
      resp([['name', '10.0.0.1:6379', 'ip', '10.0.0.1', 'port', '6379', 'flags', 'slave']]),
      resp([['name', '127.0.0.1:16379', 'ip', '127.0.0.1', 'port', '16379', 'flags', 'slave']]),
    ],
    [
      'INFO of a replica',
      resp(
        '# Replication\r\nrole:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nslave_priority:100\r\n',
      ),
      resp(
        '# Replication\r\nrole:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:16379\r\nslave_priority:100\r\n',
      ),
    ],
    [
      'INFO of a master in RESP3',
      verbatim(
        'role:master\r\nslave0:ip=10.0.0.1,port=6379,state=online\r\nslave1:ip=10.0.0.2,port=6379\r\n',
      ),
      verbatim(
        'role:master\r\nslave0:ip=127.0.0.1,port=16379,state=online\r\nslave1:ip=10.0.0.2,port=6379\r\n',
      ),
    ],
    [
      'INFO of a Sentinel',
      resp('master0:name=one,status=ok,address=10.0.0.1:6379,slaves=1\r\n'),
      resp('master0:name=one,status=ok,address=127.0.0.1:16379,slaves=1\r\n'),
    ],
    [
      'ROLE of a master',
      resp(['master', 9, [['10.0.0.1', '6379', '9']]]),
      resp(['master', 9, [['127.0.0.1', '16379', '9']]]),
    ],
    [
      'ROLE of a replica',
      resp(['slave', '10.0.0.1', 6379, 'connected', 9]),
      resp(['slave', '127.0.0.1', 16379, 'connected', 9]),
    ],
    ['a node without a host in RESP2', '*2\r\n$-1\r\n:6380\r\n', resp(['127.0.0.1', 16380])],
    ['a node without a host in RESP3', '*2\r\n_\r\n:6380\r\n', resp(['127.0.0.1', 16380])],
    ['a reply that is cut off', '*2\r\n$8\r\n10.0.0.1\r\n', '*2\r\n$8\r\n10.0.0.1\r\n'],
  ])('is applied to %s', (_, from, to) => {
    expect(rewrite(from)).toBe(to);
  });

  test.each([
    ['message', '+switch-master', 'one 10.0.0.2 6379 10.0.0.1 6379', 'one 10.0.0.2 6379 127.0.0.1 16379'],
    [
      'message',
      '+slave',
      'slave 10.0.0.1:6379 10.0.0.1 6379 @ one 10.0.0.7 6380',
      'slave 127.0.0.1:16379 127.0.0.1 16379 @ one 127.0.0.1 16380',
    ],
    ['message', '+odown', 'master one 10.0.0.1 6379 #quorum 2/2', 'master one 127.0.0.1 16379 #quorum 2/2'],
    ['message', '+new-epoch', '7', '7'],
    ['message', 'news', 'one 10.0.0.2 6379 10.0.0.1 6379', 'one 10.0.0.2 6379 10.0.0.1 6379'],
  ])('is applied to a %s of %s: %s', (kind, channel, from, to) => {
    const published = (text: string) => book.rewritePublished(Buffer.from(text, 'latin1')).toString('latin1');
    expect(published(resp([kind, channel, from]))).toBe(resp([kind, channel, to]));
    expect(published(resp(['pmessage', '*', channel, from]))).toBe(resp(['pmessage', '*', channel, to]));
    const push = (text: string) => resp([kind, channel, text]).replace('*', '>');
    expect(published(push(from))).toBe(push(to));
  });

  test.each([
    ['CLUSTER SLOTS', true],
    ['cluster shards', true],
    ['CLUSTER GETKEYSINSLOT 1 10', false],
    ['CLUSTER INFO', false],
    ['SENTINEL get-master-addr-by-name one', true],
    ['SENTINEL CKQUORUM one', false],
    ['INFO', true],
    ['ROLE', true],
    ['MGET 10.0.0.1 6379', false],
  ])('looks at the reply to %s: %s', (command, looks) => {
    expect(tellsAddresses(given(...command.split(' ')))).toBe(looks);
  });

  test('leaves every other byte alone', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, fc.string(), fc.nat(), fc.array(tie('any'), { maxLength: 4 })),
    })).any;
    fc.assert(
      fc.property(value, (tree) => {
        expect(rewrite(resp(tree))).toBe(resp(tree));
      }),
      { seed: 9, numRuns: 300 },
    );
    for (const text of ['_\r\n', '$-1\r\n', '*-1\r\n', '%1\r\n+a\r\n#t\r\n', '*?\r\n:1\r\n.\r\n']) {
      expect(rewrite(text)).toBe(text);
    }
  });
});
