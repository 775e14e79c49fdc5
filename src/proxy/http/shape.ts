import type http from 'node:http';
import type { RequestView } from '../../faults/contract.ts';
import { isCompressed } from '../../protocols/http/coding.ts';

/** What the body of an answer can be read as; `elements` are those of a JSON array that is sent piece by piece. */
export type BodyShape = 'events' | 'elements' | 'whole' | 'bytes';

/** A compressed body is bytes. */
export function shapeOf(message: http.IncomingMessage, view: RequestView | undefined): BodyShape {
  if (isCompressed(message.headers)) return 'bytes';
  const type = message.headers['content-type'] ?? '';
  if (/^\s*text\/event-stream\b/i.test(type)) return 'events';
  return view?.array && message.statusCode === 200 && /\bjson\b/i.test(type) ? 'elements' : 'whole';
}
