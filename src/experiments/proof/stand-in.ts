import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { isHttp, type Protocol } from '../../core/protocol.ts';
import { readyForQuery } from '../../protocols/postgres/messages.ts';
import { ENCRYPTION_ANSWER, readStartup } from '../../protocols/postgres/startup.ts';
import { errorReply } from '../../protocols/redis/write.ts';

/** A server that answers in place of an upstream, so that nothing real is touched. */
export interface StandIn {
  /** `127.0.0.1:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** What the stand-in answers to everything, so that a client can tell an answer of its from any other. */
export const ANSWER = 'faultline stand-in';

/**
 * Starts a server on loopback that speaks as much of the protocol as a client needs to ask one question and get one
 * answer. `tcp`: sends back what it gets.
 */
export async function startStandIn(protocol: Protocol): Promise<StandIn> {
  const sockets = new Set<Socket>();
  const server: Server = isHttp(protocol)
    ? createHttp((request, response) => {
        request.resume();
        response.setHeader('content-type', 'text/plain').end(ANSWER);
      })
    : createServer((socket) => (protocol === 'tcp' ? socket.pipe(socket) : answer(socket, protocol)));
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(socket: Socket, protocol: Protocol): void {
  const reader = protocol === 'postgres' ? postgres() : redis;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const read = reader(rest);
      if (!read) return;
      rest = rest.subarray(read.length);
      if (read.reply) socket.write(read.reply);
      if (read.end) socket.end();
    }
  });
  socket.on('end', () => socket.end());
}

interface Read {
  readonly length: number;
  readonly reply?: Buffer | string;
  readonly end?: boolean;
}
type Reader = (bytes: Buffer) => Read | undefined;

/** One command, as an array of bulk strings; a line that is none is a command of its own. */
const redis: Reader = (bytes) => {
  const text = bytes.toString('latin1');
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) {
    const line = text.indexOf('\r\n');
    return line < 0 ? undefined : { length: line + 2, reply: errorReply('ERR unknown command') };
  }
  let at = head[0].length;
  const words: string[] = [];
  for (let left = Number(head[1]); left > 0; left--) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at, at + 24));
    if (!size) return undefined;
    const begin = at + size[0].length;
    at = begin + Number(size[1]) + 2;
    if (text.length < at) return undefined;
    words.push(text.slice(begin, at - 2));
  }
  const ping = words[0]?.toUpperCase() === 'PING';
  return { length: at, reply: ping ? '+PONG\r\n' : `$${ANSWER.length}\r\n${ANSWER}\r\n` };
};

/** The wire after the start-up packet: a type, a length that counts itself, a body. */
function postgres(): Reader {
  let started = false;
  return (bytes) => {
    const head = started ? 1 : 0;
    if (bytes.length < head + 4) return undefined;
    const length = head + bytes.readUInt32BE(head);
    if (bytes.length < length) return undefined;
    if (started) return { length, ...afterStartup(String.fromCharCode(bytes[0]!)) };
    const { kind } = readStartup(bytes, 4, length - 4);
    if (kind === 'encryption') return { length, reply: ENCRYPTION_ANSWER.none };
    if (kind === 'cancel') return { length, end: true };
    started = true;
    return { length, reply: Buffer.concat([AUTHENTICATED, readyForQuery('I')]) };
  };
}

const AUTHENTICATED = message('R', Buffer.alloc(4));
const DONE = message('C', Buffer.from('SELECT 0\0'));
const NONE = Buffer.alloc(0);

/** Answers by the type of the client's message. */
const REPLIES: Readonly<Record<string, Buffer>> = {
  Q: Buffer.concat([DONE, readyForQuery('I')]),
  P: message('1', NONE),
  B: message('2', NONE),
  C: message('3', NONE),
  D: message('n', NONE),
  E: DONE,
  S: readyForQuery('I'),
};

function afterStartup(type: string): Pick<Read, 'reply' | 'end'> {
  const reply = REPLIES[type];
  return { ...(reply ? { reply } : {}), end: type === 'X' };
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
