import { createHash } from 'node:crypto';
import net, { type AddressInfo, type Socket } from 'node:net';
import { listening } from './child.ts';

/**
 * A source and a sink of bytes. The first 9 bytes of a connection say what it is: `d` and a number of bytes makes it a
 * source, which sends them and ends; `u` makes it a sink, which takes all until the client's end and answers with their
 * SHA-256, and `U` one that answers with their number once it has so many: it needs no half-close, which not every way passes on.
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
  const take = kind === 'u' ? hashingSink(socket) : countingSink(socket, Number(first.readBigUInt64BE(1)));
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

function hashingSink(socket: Socket): (chunk: Buffer) => void {
  const hash = createHash('sha256');
  socket.once('end', () => socket.end(hash.digest('hex')));
  return (chunk) => void hash.update(chunk);
}

function countingSink(socket: Socket, wanted: number): (chunk: Buffer) => void {
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.length;
    if (bytes >= wanted) socket.end(String(bytes));
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
