import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultSpec } from '../../src/core/fault.ts';
import { until } from '../support/until.ts';
import { type Bench, bench, dial } from './bench.ts';

/** Faults that hold or delay, none that drops, changes or closes. */
const stream = fc.constantFrom('upstream' as const, 'downstream' as const);
const toxicity = fc.constantFrom(1, 1, 1, 0.5, 0);
const holding = fc.oneof(
  spec('latency', { latency: fc.constantFrom(0, 1, 5, 60_000), jitter: fc.constantFrom(0, 3) }),
  spec('bandwidth', { rate: fc.constantFrom(0, 200, 20_000), scope: fc.constantFrom('connection', 'proxy') }),
  spec('slicer', {
    average_size: fc.constantFrom(100, 5000),
    size_variation: fc.constantFrom(0, 50),
    delay: fc.constantFrom(0, 50),
  }),
  spec('slow_close', { delay: fc.constantFrom(1, 60_000) }),
  spec('reset_peer', { timeout: fc.constant(600_000) }),
  spec('noop', {}),
  spec('blackhole', {}),
);

function spec(type: string, attributes: Record<string, fc.Arbitrary<number | string>>) {
  return fc.record({
    type: fc.constant(type),
    stream,
    toxicity,
    attributes: fc.record(attributes) as fc.Arbitrary<Record<string, number | string>>,
  });
}

let toxics = 0;

type Fault = Omit<FaultSpec, 'proxy'>;
type Act =
  | { readonly do: 'put'; readonly faults: readonly Fault[] }
  | { readonly do: 'renew'; readonly toxicity: number }
  | { readonly do: 'empty' | 'toxic' | 'untoxic' };

const act: fc.Arbitrary<Act & { readonly pause: number }> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      faults: fc.array(holding, { maxLength: 4 }),
      pause: pause(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('renew' as const), toxicity, pause: pause() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('empty' as const, 'toxic' as const, 'untoxic' as const),
      pause: pause(),
    }),
  },
);

function pause() {
  return fc.integer({ min: 0, max: 8 });
}

/** What the server makes of its next connection. */
let serve: (socket: Socket) => void = () => {};

test('fault swaps under load lose, repeat or reorder no byte', { timeout: 60_000 }, async () => {
  const it = await bench((socket) => serve(socket));
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 400_000 }),
        fc.integer({ min: 1, max: 400_000 }),
        fc.boolean(),
        (acts, up, down, slowReader) => carry(it, acts, up, down, slowReader),
      ),
      { numRuns: 40, interruptAfterTimeLimit: 15_000 },
    );
  } finally {
    await it.close();
  }
});

async function carry(
  it: Bench,
  acts: readonly (Act & { readonly pause: number })[],
  up: number,
  down: number,
  slowReader: boolean,
): Promise<void> {
  const [sent, answered] = [known(up, 1), known(down, 2)];
  let upstream: Collected | undefined;
  serve = (socket) => {
    upstream = collect(socket, !slowReader);
    write(socket, answered);
  };
  const client = dial(it.proxy);
  const received = collect(client, slowReader);
  write(client, sent);

  let faults: readonly Fault[] = [];
  for (const step of acts) {
    faults = apply(it, step, faults);
    await new Promise((resolve) => setTimeout(resolve, step.pause));
  }
  it.plane.emptyFaults();
  for (const { name } of it.proxy.toxics) it.proxy.removeToxic(name);

  await until('both streams have ended and all is closed', () => {
    const errors = [received.error, upstream?.error].filter(Boolean);
    if (errors.length > 0) throw errors[0];
    return received.ended && upstream?.ended && it.plane.connections().length === 0;
  });
  expect(Buffer.concat(received.chunks).equals(answered), 'what the client received').toBe(true);
  expect(Buffer.concat(upstream!.chunks).equals(sent), 'what the upstream received').toBe(true);
  expect(it.plane.observation().proxies.p!.held.open).toBe(0);
}

function apply(it: Bench, step: Act, faults: readonly Fault[]): readonly Fault[] {
  switch (step.do) {
    case 'put':
      it.put(...step.faults);
      return step.faults;
    case 'renew': {
      if (it.plane.state().run === undefined) return faults;
      const renewed = faults.map((fault) => ({ ...fault, toxicity: step.toxicity }));
      it.renew(...renewed);
      return renewed;
    }
    case 'empty':
      it.plane.emptyFaults();
      return [];
    case 'toxic':
      if (it.proxy.toxics.length < 3)
        it.proxy.addToxic({
          name: `by hand ${++toxics}`,
          type: 'latency',
          stream: 'downstream',
          toxicity: 1,
          attributes: { latency: 4, jitter: 2 },
        });
      return faults;
    case 'untoxic': {
      const [first] = it.proxy.toxics;
      if (first) it.proxy.removeToxic(first.name);
      return faults;
    }
  }
}

/** Bytes that differ from all their neighbours, so that a lost, repeated or moved one shows. */
function known(length: number, salt: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 4) {
    const word = Math.imul(index + salt, 0x9e3779b1) >>> 0;
    for (let part = 0; part < 4 && index + part < length; part++) bytes[index + part] = word >>> (8 * part);
  }
  return bytes;
}

interface Collected {
  readonly chunks: Buffer[];
  ended: boolean;
  error: Error | undefined;
}

function collect(socket: Socket, slowly: boolean): Collected {
  const collected: Collected = { chunks: [], ended: false, error: undefined };
  socket.on('data', (chunk) => {
    collected.chunks.push(chunk);
    if (!slowly) return;
    socket.pause();
    setTimeout(() => socket.resume(), 1);
  });
  socket.on('end', () => {
    collected.ended = true;
  });
  socket.on('error', (error) => {
    collected.error = error;
  });
  return collected;
}

/** In pieces, and with a half-close at the end while the other direction still runs. */
function write(socket: Socket, bytes: Buffer): void {
  let at = 0;
  const next = () => {
    if (at >= bytes.length) {
      socket.end();
      return;
    }
    const piece = bytes.subarray(at, at + 7001);
    at += piece.length;
    if (socket.write(piece)) setImmediate(next);
    else socket.once('drain', next);
  };
  next();
}
