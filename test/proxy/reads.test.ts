import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net, { type AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dialReading, Reads, readsOf } from '../../src/proxy/reads.ts';
import { until } from '../support/until.ts';
import { type Bench, bench, dial } from './bench.ts';

describe('how a socket is read', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  async function pair() {
    const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const dialled = dialReading({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    const [accepted] = (await once(server, 'connection')) as [Socket];
    server.close();
    sockets.push(dialled, accepted);
    return { dialled, accepted };
  }

  test('is the same for accepted and for dialled ones on this version of Node.js', async () => {
    const { dialled, accepted } = await pair();
    for (const [from, to] of [
      [dialled, accepted],
      [accepted, dialled],
    ] as const) {
      let text = '';
      const reads = readsOf(to);
      expect(reads).toBeDefined();
      reads!.begin({
        lends: false,
        pending: false,
        take(chunk) {
          text += chunk.toString();
          return true;
        },
      });
      to.on('data', () => expect.fail('nothing may go through the stream'));
      to.resume();
      from.write('one ');
      await until('it has come', () => text === 'one ');
      from.write('two');
      await until('more has come', () => text === 'one two');
    }
  });

  test('stops where the taker says so, and goes on where it stopped', async () => {
    const { dialled, accepted } = await pair();
    const taken: string[] = [];
    readsOf(accepted)!.begin({
      lends: true,
      pending: false,
      take(chunk) {
        taken.push(chunk.toString());
        return false;
      },
    });
    accepted.resume();
    dialled.write('first');
    await until('the first has come', () => taken.length === 1);
    dialled.write('second');
    await new Promise((resolve) => dialled.write('', resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(taken).toEqual(['first']);
    accepted.resume();
    await until('the second has come', () => taken.length === 2);
    expect(taken).toEqual(['first', 'second']);
  });

  test('is left to its events where it is no plain socket, or was read before, or is not as expected', async () => {
    expect(readsOf(new Duplex())).toBeUndefined();
    const { dialled, accepted } = await pair();
    accepted.resume();
    dialled.write('x');
    await once(accepted, 'data');
    expect(readsOf(accepted)).toBeUndefined();
    class OtherSocket extends Socket {}
    expect(readsOf(new OtherSocket())).toBeUndefined();
    const strange = new Socket();
    Object.assign(strange, { _handle: { reading: false } });
    expect(readsOf(strange)).toBeUndefined();
    Object.assign(strange, { _handle: null });
  });

  test('never overwrites what is still on its way', () => {
    const reads = new Reads();
    const kept: Buffer[] = [];
    let pending = true;
    reads.begin({
      lends: true,
      get pending() {
        return pending;
      },
      take: (chunk) => kept.push(chunk) > 0,
    });
    const whole = (chunk: Buffer, index: number) => chunk.every((byte) => byte === index);
    for (let round = 0; round < 8; round++) {
      const into = reads.buffer().fill(round);
      reads.callback(round === 5 ? 100 : into.length);
      expect(kept.every(whole)).toBe(true);
    }
    expect(kept).toHaveLength(8);
    pending = false;
    reads.returned();
    reads.callback(reads.buffer().fill(8).length);
    expect(kept.slice(0, 7).every(whole)).toBe(true);
    reads.closed();
  });

  test('gives what may be kept for any time away for good', () => {
    const reads = new Reads();
    const kept: Buffer[] = [];
    reads.begin({ lends: false, pending: false, take: (chunk) => kept.push(chunk) > 0 });
    for (let round = 0; round < 40; round++) {
      const into = reads.buffer().fill(round);
      reads.callback(round % 5 === 0 ? 10 : into.length);
    }
    expect(kept.every((chunk, index) => chunk.every((byte) => byte === index))).toBe(true);
    reads.closed();
  });

  test('uses memory again that was given away once all of its bytes are through', () => {
    const reads = new Reads();
    const kept: Buffer[] = [];
    reads.begin({ lends: false, pending: false, take: (chunk) => kept.push(chunk) > 0 });
    const read = () => reads.callback(reads.buffer().fill(kept.length).length);
    for (let round = 0; round < 5; round++) read();
    const [one, other] = kept.slice(-2) as [Buffer, Buffer];
    expect(reads.gave(one)).toBe(true);
    reads.passed(one.subarray(0, 1000));
    read();
    expect(reads.buffer().buffer).not.toBe(one.buffer);
    reads.passed(one.subarray(1000));
    expect(reads.gave(one)).toBe(false);
    read();
    expect(reads.buffer().buffer).toBe(one.buffer);
    expect(other.every((byte) => byte === 4)).toBe(true);
    reads.closed();
  });

  test('grows with the traffic to 1 MiB, and is shared again when quiet', () => {
    const reads = new Reads();
    const other = new Reads();
    reads.begin({ lends: true, pending: false, take: () => true });
    expect(reads.buffer()).toBe(other.buffer());
    const sizes = Array.from({ length: 5 }, () => {
      reads.callback(reads.buffer().length);
      return reads.buffer().length / 1024;
    });
    expect(sizes).toEqual([64, 256, 1024, 1024, 1024]);
    for (let read = 0; read < 100; read++) reads.callback(50);
    expect(reads.buffer()).toBe(other.buffer());
  });
});

describe('bulk through a proxy', () => {
  let it: Bench;
  const SIZE = 24 * 2 ** 20;
  const block = Buffer.from(Array.from({ length: 65_521 }, (_, index) => (index * 31) % 251));
  const content = Buffer.alloc(SIZE, block);
  const wanted = createHash('sha256').update(content).digest('hex');

  beforeEach(async () => {
    it = await bench((socket) => {
      const hash = createHash('sha256');
      let rested = 0;
      socket.on('data', (chunk) => {
        hash.update(chunk);
        rested += chunk.length;
        if (rested < 3 * 2 ** 20) return;
        rested = 0;
        socket.pause();
        setTimeout(() => socket.resume(), 5);
      });
      socket.once('end', () => {
        socket.write(hash.digest('hex'));
        socket.end(content);
      });
    });
  });
  afterEach(() => it.close());

  test.each([
    ['without a fault', []],
    ['through delays', ['upstream', 'downstream'].map((stream) => delay(stream, 1))],
    ['through delays of nothing', ['upstream', 'downstream'].map((stream) => delay(stream, 0))],
  ])('is the same at both ends %s, with a reader that rests and a half-close', async (_, faults) => {
    if (faults.length > 0) it.put(...faults);
    const socket = dial(it.proxy);
    socket.end(content);
    let head = '';
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      const rest = chunk.subarray(64 - head.length);
      head += chunk.subarray(0, 64 - head.length).toString();
      hash.update(rest);
      bytes += rest.length;
      if (bytes % 13 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(head).toBe(wanted);
    expect(bytes).toBe(SIZE);
    expect(hash.digest('hex')).toBe(wanted);
    await until('the link is gone', () => it.plane.connections().length === 0);
    expect(it.plane.observation().proxies.p!.bytes).toEqual({ up: SIZE, down: SIZE + 64 });
  });
});

function delay(stream: string, latency: number) {
  return { type: 'latency', stream: stream as 'upstream', attributes: { latency, jitter: latency / 2 } };
}
