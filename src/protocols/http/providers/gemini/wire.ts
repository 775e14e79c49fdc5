import type { AnswerRequest, ErrorReply, JsonObject } from '../contract.ts';

/**
 * How answers go over the wire: JSON; with `alt=sse` events, whose lines end with CRLF; and, of a stream without it, one
 * JSON array, an element a piece.
 */

const JSON_HEADERS = { 'content-type': 'application/json; charset=UTF-8', vary: 'Origin, X-Origin, Referer' };

type Form = Pick<AnswerRequest, 'streaming' | 'array'>;

/** A success of one piece. */
export function success({ streaming, array }: Form, json: JsonObject): ErrorReply {
  if (streaming && !array) {
    return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: event(json) };
  }
  const text = JSON.stringify(json, undefined, 2);
  return { status: 200, headers: JSON_HEADERS, body: array ? `[${text}\n]\n` : `${text}\n` };
}

/** An error before anything was answered: JSON also to those who asked for events, and alone in its array. */
export function refusal({ array }: Form, status: number, error: JsonObject): ErrorReply {
  const text = JSON.stringify({ error }, undefined, 2);
  return { status, headers: JSON_HEADERS, body: array ? `[${text}\n]\n` : `${text}\n` };
}

/** Ends a stream with a piece in place of number `index`. */
export function lastPiece({ array }: Form, index: number, json: JsonObject): string {
  if (!array) return event(json);
  return `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(json, undefined, 2)}\n]\n`;
}

function event(json: JsonObject): string {
  return `data: ${JSON.stringify(json)}\r\n\r\n`;
}
