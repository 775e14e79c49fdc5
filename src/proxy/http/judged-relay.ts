import type http from 'node:http';
import type { Ending } from '../../faults/contract.ts';
import { elementStart, splitElements } from '../../protocols/http/elements.ts';
import { carriesEvent, type EventSplitter, splitEvents } from '../../protocols/http/events.ts';
import { gatherBody } from '../../protocols/http/gather.ts';
import type { Judgement, PieceKind } from './judgement.ts';
import { finish, type RelayEnd } from './plain-relay.ts';
import type { BodyShape } from './shape.ts';

export type JudgedEnd = RelayEnd | { readonly cut: Ending | 'clean' };

interface Answer {
  readonly upstream: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly judgement: Judgement;
  /** What its body can be read as. */
  readonly shape: BodyShape;
  /** Sends the head, if it is not yet sent. */
  sendHead(): void;
  /** A fault keeps the head back. */
  readonly headKept: boolean;
  /** Called with what the client is sent. */
  readonly sent: ((bytes: Buffer) => void) | undefined;
}

/** Splits a body into what faults read, and holds the rest back. */
interface Reader {
  readonly splitter: EventSplitter;
  kindOf(piece: Buffer): PieceKind;
  /** Some fault in force still needs it. */
  needed(): boolean;
}

/**
 *  upstream ─▶ [splitter] ─▶ pieces ─▶ [faults] ─▶ kept ─▶ client
 *
 * One piece at a time: the next waits until the faults have let this one go and the client has taken it. What the splitter
 * or a fault holds back goes out as soon as no fault in force needs it.
 */
export async function relayJudged(answer: Answer): Promise<JudgedEnd> {
  const { upstream, response, judgement } = answer;
  let reader = readerOf(answer);
  let kept: Buffer[] = [];
  let headKept = answer.headKept;
  let busy = false;

  const send = (bytes: Buffer): void => {
    headKept = false;
    answer.sendHead();
    for (const piece of [...kept, bytes]) {
      if (piece.length === 0) continue;
      answer.sent?.(piece);
      response.write(piece);
    }
    kept = [];
  };
  const letGo = (): void => {
    if (busy || response.destroyed) return;
    if ((headKept || kept.length > 0) && !judgement.keeping) send(Buffer.alloc(0));
    if (!reader || reader.needed()) return;
    const rest = reader.splitter.end();
    reader = undefined;
    if (rest.length > 0) send(rest);
  };
  judgement.onRelease(letGo);

  const kindOf = (piece: Buffer): PieceKind =>
    !reader || reader.splitter.opaque ? 'bytes' : reader.kindOf(piece);
  const judgePiece = async (piece: Buffer): Promise<Ending | 'clean' | undefined> => {
    for await (const act of judgement.piece(piece, kindOf(piece))) {
      if (act.do === 'cut') {
        send(act.before ?? Buffer.alloc(0));
        return act.how;
      }
      if (act.do === 'keep') kept.push(act.bytes);
      else send(act.bytes);
      await drained(response);
    }
    return undefined;
  };

  try {
    for await (const chunk of upstream as AsyncIterable<Buffer>) {
      busy = true;
      for (const piece of reader ? reader.splitter.push(chunk) : [chunk]) {
        const how = await judgePiece(piece);
        if (how) return { cut: how };
        if (response.destroyed) return 'gone';
      }
      busy = false;
      letGo();
    }
    busy = true;
    const rest = reader?.splitter.end();
    if (rest && rest.length > 0) {
      const how = await judgePiece(rest);
      if (how) return { cut: how };
    }
    for await (const last of judgement.end()) {
      send(last.do === 'cut' ? (last.before ?? Buffer.alloc(0)) : last.bytes);
      if (last.do === 'cut') return { cut: last.how };
    }
    finish(upstream, response);
    return 'whole';
  } catch {
    if (response.destroyed) return 'gone';
    // The upstream broke off: what came of its answer goes out before the client's connection breaks too.
    send(reader?.splitter.end() ?? Buffer.alloc(0));
    return 'broken';
  }
}

function readerOf({ shape, judgement }: Answer): Reader | undefined {
  const events = { needed: () => judgement.readsEvents };
  if (shape === 'events' && judgement.readsEvents) {
    return {
      ...events,
      splitter: splitEvents(),
      kindOf: (piece) => (carriesEvent(piece) ? 'event' : 'comment'),
    };
  }
  if (shape === 'elements' && judgement.readsEvents) {
    return {
      ...events,
      splitter: splitElements(),
      kindOf: (piece) => (elementStart(piece) < 0 ? 'comment' : 'event'),
    };
  }
  if (shape === 'whole' && judgement.readsWhole) {
    return { splitter: gatherBody(), kindOf: () => 'whole', needed: () => judgement.readsWhole };
  }
  return undefined;
}

function drained(response: http.ServerResponse): Promise<void> | undefined {
  if (!response.writableNeedDrain || response.destroyed) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
