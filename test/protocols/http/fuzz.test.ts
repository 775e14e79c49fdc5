import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyFault, BodyAct } from '../../../src/faults/contract.ts';
import { FAULTS } from '../../../src/faults/index.ts';
import { splitElements } from '../../../src/protocols/http/elements.ts';
import { carriesEvent, readEvent, splitEvents } from '../../../src/protocols/http/events.ts';
import { gatherBody } from '../../../src/protocols/http/gather.ts';
import { playHttp } from '../../faults/http-play.ts';

/** Bytes of which streams of events are made, and some of which none should be. */
const bytes = fc
  .array(fc.constantFrom(10, 13, 58, 32, 0x64, 0x61, 0x74, 0x7b, 0x7d, 0, 0xc3, 0xff), { maxLength: 200 })
  .map((list) => Buffer.from(list));
const cuts = fc.array(fc.nat(200), { maxLength: 20 });

function pieces(whole: Buffer, at: readonly number[]): Buffer[] {
  const edges = [0, ...at.map((edge) => Math.min(edge, whole.length)).sort((a, b) => a - b), whole.length];
  return edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
}

describe('whatever a stream holds', () => {
  it('the splitter neither loses nor repeats a byte, and holds no more than its cap', () => {
    fc.assert(
      fc.property(bytes, cuts, fc.integer({ min: 1, max: 64 }), (whole, at, cap) => {
        for (const splitter of [splitEvents(cap), splitElements(cap), gatherBody(cap)]) {
          const out: Buffer[] = [];
          let given = 0;
          for (const piece of pieces(whole, at)) {
            given += piece.length;
            out.push(...splitter.push(piece));
            const held = given - Buffer.concat(out).length;
            expect(held).toBeLessThanOrEqual(cap);
            if (splitter.opaque) expect(held).toBe(0);
          }
          out.push(splitter.end());
          expect(Buffer.concat(out).equals(whole)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('what is split whole and what is split byte by byte says the same', () => {
    fc.assert(
      fc.property(bytes, (whole) => {
        const said = (chunks: readonly Buffer[]) => {
          const splitter = splitEvents();
          const events = [...chunks.flatMap((chunk) => splitter.push(chunk)), splitter.end()];
          return events.filter(carriesEvent).map(readEvent);
        };
        expect(said([...whole].map((byte) => Buffer.from([byte])))).toEqual(said([whole]));
      }),
      { numRuns: 1000 },
    );
  });
});

/** Names that providers use, so that what is generated comes near to what they send. */
const NAMES =
  'args arguments candidates choices content delta finishReason finish_reason function functionCall id index input item item_id message object output partial_json parts response status stop_reason tool_calls type usage usageMetadata'.split(
    ' ',
  );
const TEXTS = [
  '',
  '{"a":1}',
  'stop',
  'completed',
  'response',
  'response.completed',
  'response.output_item.added',
  'response.output_item.done',
  'response.function_call_arguments.delta',
  'content_block_start',
  'input_json_delta',
  'function_call',
  'tool_use',
];
const { json } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(...TEXTS),
    fc.constantFrom(null, 0, 1, true),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  ),
  list: fc.array(tie('json'), { maxLength: 3 }),
  json: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    tie('leaf'),
    tie('list'),
    fc.dictionary(fc.constantFrom(...NAMES), tie('json'), { maxKeys: 5 }),
  ),
}));
const event = fc.oneof(
  bytes,
  fc.tuple(fc.constantFrom('', ...TEXTS, 'ping'), json).map(([name, value]) => {
    const head = name === '' ? '' : `event: ${name}\n`;
    return Buffer.from(`${head}data: ${JSON.stringify(value)}\n\n`);
  }),
);

describe('whatever an answer holds', () => {
  const faults = [...FAULTS.values()].filter(
    (fault: AnyFault) => fault.layer === 'http' && fault.protocols.includes('openai'),
  );
  const ACTS = ['pass', 'keep', 'replace', 'split', 'cut'];

  it.each(faults.map((fault) => [fault.type, fault] as const))(
    '%s answers every piece of it',
    async (_, fault) => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('openai', 'anthropic', 'gemini'),
          fc.array(event, { maxLength: 6 }),
          async (protocol, events) => {
            const { behaviour, takeBack } = playHttp(fault, {}, { protocol } as never);
            const acts: (BodyAct | Promise<BodyAct> | undefined)[] = [];
            for (const [index, piece] of events.entries()) {
              acts.push(
                behaviour.event?.(piece, index),
                behaviour.whole?.(piece),
                behaviour.chunk?.(piece, index),
              );
              takeBack();
            }
            acts.push(behaviour.end?.());
            for (const act of await Promise.all(acts)) if (act) expect(ACTS).toContain(act.do);
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  it('rewritten events are whole events with JSON in them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('openai', 'anthropic', 'gemini'),
        fc.array(json, { maxLength: 8 }),
        (protocol, values) => {
          for (const type of ['ai_finish', 'ai_tool_args_truncated']) {
            const { behaviour } = playHttp(FAULTS.get(type)!, {}, { protocol } as never);
            for (const [index, value] of values.entries()) {
              const act = behaviour.event?.(
                Buffer.from(`data: ${JSON.stringify(value)}\n\n`),
                index,
              ) as BodyAct;
              if (act.do !== 'replace' || act.with.length === 0) continue;
              expect(act.with.toString()).toMatch(/^data: .*\n\n$/);
              JSON.parse(readEvent(act.with).data);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Streams as providers send them, of which each fault finds something to change. */
const STREAMS = {
  openai: [
    { choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
    { choices: [{ index: 0, delta: { content: 'Grüße\n' }, finish_reason: null }] },
    {
      choices: [
        {
          index: 0,
          delta: { tool_calls: [{ index: 0, function: { arguments: '{"a":"b"}' } }] },
          finish_reason: null,
        },
      ],
    },
    { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
  ],
  anthropic: [
    { type: 'message_start', message: { content: [] } },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', input: {} } },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"ä":1}' } },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
  ],
  gemini: [
    { candidates: [{ content: { parts: [{ text: '{"[' }] } }] },
    {
      candidates: [
        { content: { parts: [{ functionCall: { args: { a: 1, b: 2 } } }] }, finishReason: 'STOP' },
      ],
    },
  ],
} as const;
type Ai = keyof typeof STREAMS;

/** One stream in every way that its framing allows: ends of lines, comments, data over several lines, a byte order mark. */
const framed = fc
  .record({
    protocol: fc.constantFrom<Ai>('openai', 'anthropic', 'gemini'),
    ending: fc.constantFrom('\n', '\r\n', '\r'),
    mark: fc.constantFrom('', '\ufeff'),
    comments: fc.boolean(),
    indent: fc.constantFrom(undefined, 1),
  })
  .map(({ protocol, ending, mark, comments, indent }) => {
    const events = STREAMS[protocol].map((json) => {
      const lines = JSON.stringify(json, undefined, indent).split('\n');
      const name = 'type' in json ? [`event: ${json.type}`] : [];
      return [
        ...(comments ? [': note', ''] : []),
        ...name,
        ...lines.map((line) => `data: ${line}`),
        '',
        '',
      ].join(ending);
    });
    return { protocol, whole: Buffer.from(mark + events.join('')) };
  });

describe('however a stream is framed and cut into chunks', () => {
  /** What a client reads from what a fault lets through. */
  function read(type: string, protocol: Ai, chunks: readonly Buffer[]): object[] {
    const { behaviour } = playHttp(
      FAULTS.get(type)!,
      { ...(type === 'ai_finish' ? {} : { afterEvents: 1 }) },
      {
        protocol,
      } as never,
    );
    const splitter = splitEvents();
    const out: Buffer[] = [];
    let index = 0;
    for (const piece of [...chunks.flatMap((chunk) => splitter.push(chunk)), splitter.end()]) {
      const act = carriesEvent(piece)
        ? (behaviour.event!(piece, index++) as BodyAct)
        : ({ do: 'pass' } as const);
      if (act.do === 'cut') {
        out.push(act.before ?? Buffer.alloc(0));
        break;
      }
      out.push(act.do === 'replace' ? act.with : piece);
    }
    const client = splitEvents();
    return [...client.push(Buffer.concat(out)), client.end()].filter(carriesEvent).map(readEvent);
  }

  it.each(['ai_finish', 'ai_malformed', 'ai_tool_args_truncated', 'ai_stream_error', 'ai_stream_cut'])(
    '%s makes the same of it',
    (type) => {
      fc.assert(
        fc.property(framed, cuts, ({ protocol, whole }, at) => {
          const once = read(type, protocol, [whole]);
          expect(once.length).toBeGreaterThan(0);
          expect(
            read(
              type,
              protocol,
              [...whole].map((byte) => Buffer.from([byte])),
            ),
          ).toEqual(once);
          expect(read(type, protocol, pieces(whole, at))).toEqual(once);
        }),
        { numRuns: 60 },
      );
    },
  );
});
