import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FrameAct, Framer } from '../../../src/protocols/postgres/framer.ts';
import { complete, cut, message, packet, ready } from './wire.ts';

interface Play {
  /** Body bytes wanted, by letter; 0 for others. */
  readonly wants?: Readonly<Record<string, number>>;
  readonly keeps?: (letter: string) => boolean;
  readonly act?: (letter: string, body: string, open: boolean) => FrameAct;
  readonly typed?: boolean;
}

/** A framer, what it passed on, and the frames it showed. */
function play({ wants = {}, keeps = () => false, act = () => 'pass', typed = true }: Play = {}) {
  const passed: Buffer[] = [];
  const frames: string[] = [];
  let malformed = 0;
  const framer = new Framer(
    {
      wants: (type) => wants[String.fromCharCode(type)] ?? 0,
      keeps: (type) => keeps(String.fromCharCode(type)),
      frame(type, length, bytes, start, open) {
        const letter = String.fromCharCode(type);
        const shown = Math.min(length, wants[letter] ?? 0);
        const body = bytes.toString('latin1', start, start + shown);
        frames.push(`${letter}${length}${shown > 0 ? ` ${body.replaceAll('\0', '.')}` : ''}`);
        return act(letter, body, open);
      },
      pass: (bytes) => void passed.push(Buffer.from(bytes)),
      malformed: () => void malformed++,
    },
    typed,
  );
  return {
    framer,
    frames,
    passed,
    get text() {
      return Buffer.concat(passed).toString('latin1');
    },
    get malformed() {
      return malformed;
    },
  };
}

const STREAM = Buffer.concat([
  message('T', Buffer.alloc(30, 't')),
  message('D', Buffer.alloc(300, 'd')),
  complete('SELECT 1'),
  ready('I'),
  message('S'),
  message('Q', 'select 1'),
]);
const WANTS = { Z: 1, Q: 100, C: 4 };
const FRAMES = ['T30', 'D300', 'C9 SELE', 'Z1 I', 'S0', 'Q9 select 1.'];

describe('a framer', () => {
  test('shows each frame of a chunk and passes the chunk on as it came', () => {
    const it = play({ wants: WANTS });
    it.framer.push(STREAM);
    expect(it.frames).toEqual(FRAMES);
    expect(it.passed).toHaveLength(1);
    expect(it.passed[0]!.equals(STREAM)).toBe(true);
  });

  test.each(['kept', 'not kept'])(
    'shows the same frames byte by byte, %s, and passes every byte on',
    (how) => {
      const it = play({ wants: WANTS, keeps: () => how === 'kept' });
      for (const byte of STREAM) {
        const before = it.passed.length;
        it.framer.push(Buffer.from([byte]));
        if (how === 'not kept') expect(it.passed.length).toBe(before + 1);
      }
      expect(it.frames).toEqual(FRAMES);
      expect(it.text).toBe(STREAM.toString('latin1'));
    },
  );

  test('shows the same frames however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (places, kept) => {
        const it = play({ wants: WANTS, keeps: () => kept });
        for (const chunk of cut(STREAM, places)) it.framer.push(chunk);
        expect(it.frames).toEqual(FRAMES);
        expect(it.text).toBe(STREAM.toString('latin1'));
      }),
    );
  });

  test('drops, replaces and passes frames alike however they are cut', () => {
    const act = (letter: string): FrameAct =>
      letter === 'D' ? 'drop' : letter === 'C' ? complete('INSERT 0 1') : 'pass';
    const wanted = Buffer.concat([
      message('T', Buffer.alloc(30, 't')),
      complete('INSERT 0 1'),
      ready('I'),
      message('S'),
      message('Q', 'select 1'),
    ]).toString('latin1');
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (places) => {
        const it = play({ wants: WANTS, keeps: () => true, act });
        for (const chunk of cut(STREAM, places)) it.framer.push(chunk);
        expect(it.text).toBe(wanted);
      }),
    );
  });

  test('hands back what it was stopped at, and goes on there, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.constantFrom('T', 'D', 'C', 'S', 'Q'),
        (places, at) => {
          let stopped = false;
          const it = play({
            wants: WANTS,
            keeps: () => true,
            act: (letter) => {
              if (letter !== at || stopped) return 'pass';
              stopped = true;
              return 'stop';
            },
          });
          const waiting: Buffer[] = [];
          for (const chunk of cut(STREAM, places)) {
            const rest = waiting.length > 0 ? chunk : it.framer.push(chunk);
            if (rest) waiting.push(rest);
          }
          expect(it.text.length).toBeLessThan(STREAM.length);
          for (const chunk of waiting) expect(it.framer.push(chunk)).toBeUndefined();
          expect(it.text).toBe(STREAM.toString('latin1'));
        },
      ),
    );
  });

  test('judges a frame no more of which some has been passed on', () => {
    let kept = false;
    const acts: boolean[] = [];
    const it = play({
      wants: { C: 9 },
      keeps: () => kept,
      act: (_, __, open) => {
        acts.push(open);
        return 'drop';
      },
    });
    const bytes = complete('SELECT 1');
    it.framer.push(bytes.subarray(0, 7));
    kept = true;
    it.framer.push(bytes.subarray(7));
    it.framer.push(bytes);
    expect(acts).toEqual([false, true]);
    expect(it.text).toBe(bytes.toString('latin1'));
  });

  test('lets go of what it keeps of a frame that is not whole', () => {
    const it = play({ wants: { C: 9 }, keeps: () => true, act: () => 'drop' });
    const bytes = complete('SELECT 1');
    it.framer.push(bytes.subarray(0, 7));
    expect(it.framer.held).toBe(7);
    expect(it.text).toBe('');
    it.framer.letGo();
    expect(it.framer.held).toBe(0);
    it.framer.push(bytes.subarray(7));
    expect(it.text).toBe(bytes.toString('latin1'));
  });

  test('reads frames without a type byte', () => {
    const it = play({ typed: false, wants: { '\0': 100 } });
    const bytes = packet(80877103);
    for (const byte of bytes) it.framer.push(Buffer.from([byte]));
    expect(it.frames).toHaveLength(1);
    it.framer.typed = true;
    it.framer.push(message('Q', 'select 1'));
    expect(it.frames[1]).toBe('Q9');
  });

  test('passes all on that comes after a frame that cannot be', () => {
    const negative = Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
    const it = play({ keeps: () => true });
    for (const byte of Buffer.concat([message('S'), negative, Buffer.alloc(100, 'x')]))
      it.framer.push(Buffer.from([byte]));
    expect(it.malformed).toBe(1);
    expect(it.passed.reduce((sum, { length }) => sum + length, 0)).toBe(5 + 8 + 100);
  });

  test('walks a body of a gigabyte without keeping any of it', () => {
    const head = Buffer.alloc(5);
    head.write('d');
    head.writeInt32BE(2 ** 30, 1);
    const it = play({ keeps: () => true, wants: { d: 512 } });
    let passed = 0;
    const chunk = Buffer.alloc(2 ** 20);
    it.framer.push(head);
    expect(it.framer.held).toBe(5);
    for (let sent = 0; sent < 64; sent++) {
      it.framer.push(chunk);
      for (const bytes of it.passed.splice(0)) passed += bytes.length;
    }
    expect(it.frames).toHaveLength(1);
    expect(passed).toBe(5 + 64 * 2 ** 20);
    expect(it.framer.held).toBe(0);
  });

  test('loses no byte of any garbage, and keeps no more than a frame may want', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        (garbage, places, kept, typed) => {
          const bytes = Buffer.from(garbage);
          const it = play({ keeps: () => kept, typed, wants: { ...WANTS, '\0': 50 } });
          for (const chunk of cut(bytes, places)) {
            it.framer.push(chunk);
            expect(it.framer.held).toBeLessThanOrEqual(5 + 100);
          }
          it.framer.letGo();
          expect(it.text).toBe(bytes.toString('latin1'));
        },
      ),
      { numRuns: 500 },
    );
  });
});
