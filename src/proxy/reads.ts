import { connect, Socket, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Reads of plain sockets into memory that is used again, without a stream's own buffer in between:
 *
 *     quiet connection   one buffer for all of them, out of which what was read is copied: an idle one costs nothing
 *     busy connection    a buffer of its own, 64 KiB and four times as large each time a read fills it, up to 1 MiB
 *
 * Each read costs a turn of the event loop and two system calls, so bulk throughput hangs on how much one brings.
 */
export interface Taker {
  /** What it is given is in the system's hands once `pending` is false; else somebody may keep it for any time. */
  readonly lends: boolean;
  readonly pending: boolean;
  /** It keeps copies of what it is given. */
  readonly copies?: boolean;
  /** Takes what was read; answers whether to go on reading. */
  take(chunk: Buffer): boolean;
}

const SMALLEST = 64 * 1024;
const LARGEST = 1024 * 1024;
/** Copies are of that length too, and beyond this the system makes and clears memory for each. */
const LARGEST_COPIED = 256 * 1024;
/** A read of this length gives a connection a buffer of its own. */
const BUSY = 16 * 1024;
/** After so many shorter reads in a row it is quiet again. */
const QUIET_AFTER = 64;
/** What busy connections may have together; beyond it, more of them share. */
const MOST_OWNED = 128 * 2 ** 20;

const SHARED = Buffer.allocUnsafeSlow(SMALLEST);
/** Memory that was given away and came back is kept for further reads: so many bytes for all connections together. */
const MOST_RETURNED = 64 * 2 ** 20;
/** Pieces of memory whose return is waited for; what is away when there are more is forgotten. */
const MOST_AWAY = 256;

let owned = 0;
let returned = 0;

const nobody: Taker = { lends: true, pending: false, take: () => true };

/** How one socket is read. */
export class Reads {
  /** For node: where the next read goes. */
  readonly buffer = (): Buffer => this.#buffer;
  /** For node: a read is over; answers whether to go on reading. */
  readonly callback = (length: number): boolean => this.#read(length);
  #taker = nobody;
  #buffer: Buffer = SHARED;
  /** Its content is on its way, so that nothing may be read into it until `returned`. */
  #lent: Buffer | undefined;
  /** One that came back, for the next turn. */
  #spare: Buffer | undefined;
  /** Given away, with the bytes of each that are not yet through. */
  readonly #away = new Map<ArrayBufferLike, { readonly buffer: Buffer; left: number }>();
  readonly #back: Buffer[] = [];
  #owned = 0;
  #quiet = 0;

  /** Hands what is read to `taker` from now on. */
  begin(taker: Taker): void {
    this.#taker = taker;
  }

  /** Drops what is read from now on; what was handed on stays as it is. */
  end(): void {
    this.#taker = nobody;
  }

  /** All that the taker was given has left. */
  returned(): void {
    this.#spare = this.#lent?.length === this.#buffer.length ? this.#lent : undefined;
    this.#lent = undefined;
  }

  /** Whether these bytes lie in memory that was given away, so that `passed` is to be told when they are through. */
  gave(chunk: Buffer): boolean {
    return this.#away.size > 0 && this.#away.has(chunk.buffer);
  }

  /** The system has taken these bytes over, and nobody else has them. */
  passed(chunk: Buffer): void {
    const away = this.#away.get(chunk.buffer);
    if (!away) return;
    away.left -= chunk.length;
    if (away.left > 0) return;
    this.#away.delete(chunk.buffer);
    const { length } = away.buffer;
    if (length !== this.#owned || returned + length > MOST_RETURNED) return;
    returned += length;
    this.#back.push(away.buffer);
  }

  /** The socket is closed. */
  closed(): void {
    this.end();
    this.#away.clear();
    this.#resize(0);
  }

  #read(length: number): boolean {
    const taker = this.#taker;
    const into = this.#buffer;
    if (taker === nobody) return true;
    const { lends } = taker;
    const largest = taker.copies ? LARGEST_COPIED : LARGEST;
    // Of a large buffer with little in it, a copy keeps less alive.
    if (into === SHARED || length * 8 < into.length) {
      const chunk = Buffer.allocUnsafe(length);
      into.copy(chunk, 0, 0, length);
      const goOn = taker.take(chunk);
      this.#adapt(length, largest);
      return goOn;
    }
    if (!lends) this.#giveAway(into, length);
    const goOn = taker.take(length === into.length ? into : into.subarray(0, length));
    if (lends && taker.pending) {
      this.#lent = into;
      this.#buffer = this.#spare ?? Buffer.allocUnsafeSlow(into.length);
      this.#spare = undefined;
    }
    this.#adapt(length, largest);
    return goOn;
  }

  /** Whoever takes the chunk may keep it: it takes its memory with it, and tells by `passed` if it comes free. */
  #giveAway(buffer: Buffer, length: number): void {
    if (this.#away.size >= MOST_AWAY) this.#away.clear();
    this.#away.set(buffer.buffer, { buffer, left: length });
    const back = this.#back.pop();
    if (back) returned -= back.length;
    this.#buffer = back ?? Buffer.allocUnsafeSlow(buffer.length);
  }

  #adapt(length: number, largest: number): void {
    const size = this.#owned;
    if (size === 0) {
      if (length >= BUSY) this.#resize(SMALLEST);
    } else if (length === size && size < largest) this.#resize(size * 4);
    else if (length >= BUSY) this.#quiet = 0;
    else if (++this.#quiet === QUIET_AFTER) this.#resize(0);
  }

  #resize(size: number): void {
    if (size === this.#owned || (size > 0 && owned - this.#owned + size > MOST_OWNED)) return;
    owned += size - this.#owned;
    this.#owned = size;
    this.#buffer = size === 0 ? SHARED : Buffer.allocUnsafeSlow(size);
    this.#spare = undefined;
    for (const { length } of this.#back.splice(0)) returned -= length;
    this.#quiet = 0;
  }
}

const READS = Symbol('reads');
type Read = Duplex & { [READS]?: Reads };

/** Dials; what comes is read by `readsOf`. */
export function dialReading(options: TcpNetConnectOpts): Socket {
  const reads = new Reads();
  const { buffer, callback } = reads;
  return remember(connect({ ...options, onread: { buffer, callback } }), reads);
}

/**
 * How a socket is read; undefined where it is no plain socket or this version of Node.js has no way to do it: then it is
 * read by its `data` events.
 */
export function readsOf(source: Duplex): Reads | undefined {
  return (source as Read)[READS] ?? (source instanceof Socket ? takeOver(source) : undefined);
}

/** Whether what is written to it is copied by the system, and not kept by somebody in this process. */
export function isPlainSocket(sink: Duplex): boolean {
  return sink.constructor === Socket;
}

interface Insides {
  readonly buffer: symbol;
  readonly callback: symbol;
  readonly generator: symbol;
}

interface Handle {
  reading?: boolean;
  useUserBuffer?(buffer: Uint8Array): void;
}

/**
 * `onread` is for sockets that are dialled; Node.js has no such option for accepted ones. What the option does to a socket
 * can be done to one that is there: three properties, and the handle is told its buffer. None of it is public, so it is
 * used only where all of it is found as expected.
 */
const insides = findInsides();

function findInsides(): Insides | undefined {
  // Elsewhere a read is under way before it is known whose turn it is, so that no buffer can be shared.
  if (process.platform === 'win32') return undefined;
  const socket = new Socket() as unknown as Record<symbol, unknown>;
  const own = Object.getOwnPropertySymbols(socket);
  const find = (name: string) => own.find((symbol) => symbol.description === name && socket[symbol] === null);
  const [buffer, callback, generator] = ['kBuffer', 'kBufferCb', 'kBufferGen'].map(find);
  return buffer && callback && generator ? { buffer, callback, generator } : undefined;
}

function takeOver(socket: Socket): Reads | undefined {
  const { _handle: handle } = socket as Socket & { _handle?: Handle };
  const untouched = socket.readableLength === 0 && !socket.readableEnded && handle?.reading !== true;
  if (!insides || !isPlainSocket(socket) || !untouched || typeof handle?.useUserBuffer !== 'function')
    return undefined;
  const reads = new Reads();
  const open = socket as unknown as Record<symbol, unknown>;
  open[insides.buffer] = reads.buffer();
  open[insides.callback] = reads.callback;
  open[insides.generator] = reads.buffer;
  handle.useUserBuffer(reads.buffer());
  remember(socket, reads);
  return reads;
}

function remember(socket: Socket, reads: Reads): Socket {
  (socket as Read)[READS] = reads;
  socket.once('close', () => reads.closed());
  return socket;
}
