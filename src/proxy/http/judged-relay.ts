import type http from 'node:http';
import type { Ending } from '../../faults/contract.ts';
import { carriesEvent, type EventSplitter, splitEvents } from '../../protocols/http/events.ts';
import type { Judgement } from './judgement.ts';
import { finish, type RelayEnd } from './plain-relay.ts';

export type JudgedEnd = RelayEnd | { readonly cut: Ending | 'clean' };

interface Answer {
  readonly upstream: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly judgement: Judgement;
  /** The body is a stream of events that can be read. */
  readonly events: boolean;
  /** Sends the head, if it is not yet sent. */
  sendHead(): void;
  /** A fault keeps the head back. */
  readonly headKept: boolean;
}

/**
 *  upstream ─▶ [splitter] ─▶ pieces ─▶ [faults] ─▶ kept ─▶ client
 *
 * One piece at a time: the next waits until the faults have let this one go and the client has taken it. What the splitter
 * or a fault holds back goes out as soon as no fault in force needs it.
 */
export async function relayJudged(answer: Answer): Promise<JudgedEnd> {
  const { upstream, response, judgement } = answer;
  let splitter: EventSplitter | undefined =
    answer.events && judgement.readsEvents ? splitEvents() : undefined;
  let kept: Buffer[] = [];
  let headKept = answer.headKept;
  let busy = false;

  const send = (bytes: Buffer): void => {
    headKept = false;
    answer.sendHead();
    for (const piece of [...kept, bytes]) if (piece.length > 0) response.write(piece);
    kept = [];
  };
  const letGo = (): void => {
    if (busy || response.destroyed) return;
    if ((headKept || kept.length > 0) && !judgement.keeping) send(Buffer.alloc(0));
    if (!splitter || judgement.readsEvents) return;
    const rest = splitter.end();
    splitter = undefined;
    if (rest.length > 0) send(rest);
  };
  judgement.onRelease(letGo);

  const judgePiece = async (bytes: Buffer, split: boolean): Promise<Ending | 'clean' | undefined> => {
    const kind = !split ? 'bytes' : carriesEvent(bytes) ? 'event' : 'comment';
    const act = await judgement.piece(bytes, kind);
    if (act.do === 'keep') kept.push(act.bytes);
    else if (act.do === 'send') send(act.bytes);
    else {
      send(act.before ?? Buffer.alloc(0));
      return act.how;
    }
    await drained(response);
    return undefined;
  };

  try {
    for await (const chunk of upstream as AsyncIterable<Buffer>) {
      busy = true;
      const pieces = splitter ? splitter.push(chunk) : [chunk];
      for (const piece of pieces) {
        const how = await judgePiece(piece, splitter !== undefined && !splitter.opaque);
        if (how) return { cut: how };
        if (response.destroyed) return 'gone';
      }
      busy = false;
      letGo();
    }
    busy = true;
    const rest = splitter?.end();
    if (rest && rest.length > 0) {
      const how = await judgePiece(rest, true);
      if (how) return { cut: how };
    }
    const last = await judgement.end();
    if (last.do === 'cut') {
      send(last.before ?? Buffer.alloc(0));
      return { cut: last.how };
    }
    send(last.bytes);
    finish(upstream, response);
    return 'whole';
  } catch {
    if (response.destroyed) return 'gone';
    // The upstream broke off: what came of its answer goes out before the client's connection breaks too.
    send(splitter?.end() ?? Buffer.alloc(0));
    return 'broken';
  }
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
