import { createHash } from 'node:crypto';
import net, { type AddressInfo, type Socket } from 'node:net';
import { listening } from './child.ts';

/**
 * A source and a sink of bytes. The first 9 bytes of a connection say what it is: `d` and a number of bytes makes it a
 * source, which sends them and ends; `u` makes it a sink, which takes all until the client's end and answers with their
 * SHA-256, and `U` one that answers with their number, which costs it nothing.
 */
export const HEAD = 9;
const BLOCK = Buffer.alloc(2 ** 20, 'faultline bench ');

const server = net.createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
  const socket = largeReads(accepted, (chunk) => {
    if (serve) serve(chunk);
    else serve = begin(socket, chunk);
  });
  let serve: ((chunk: Buffer) => void) | undefined;
});

function begin(socket: Socket, first: Buffer): (chunk: Buffer) => void {
  const kind = String.fromCharCode(first[0]!);
  if (kind === 'd') {
    source(socket, Number(first.readBigUInt64BE(1)));
    return () => {};
  }
  const take = sink(socket, kind === 'u');
  take(first.subarray(HEAD));
  return take;
}

function source(socket: Socket, bytes: number): void {
  let left = bytes;
  const more = () => {
    if (left === 0) return void socket.end();
    const block = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
    left -= block.length;
    socket.write(block, more);
  };
  more();
}

function sink(socket: Socket, hashed: boolean): (chunk: Buffer) => void {
  const hash = createHash('sha256');
  let bytes = 0;
  socket.once('end', () => socket.end(hashed ? hash.digest('hex') : String(bytes)));
  return (chunk) => {
    bytes += chunk.length;
    if (hashed) hash.update(chunk);
  };
}

/** An accepted socket read into one large buffer, or the server would be the slowest part of what is measured. */
function largeReads(accepted: Socket, take: (chunk: Buffer) => void): Socket {
  const { _handle: handle } = accepted as Socket & { _handle: unknown };
  const socket = new net.Socket({
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: Buffer.allocUnsafe(2 ** 20),
      callback: (length: number, buffer: Buffer) => {
        take(buffer.subarray(0, length));
        return true;
      },
    },
  } as net.SocketConstructorOpts);
  socket.on('error', () => {});
  socket.resume();
  return socket;
}

server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port));
