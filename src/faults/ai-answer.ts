import type { Attributes } from '../core/fault.ts';
import { isCompressed } from '../protocols/http/coding.ts';
import type { HeadAct, HttpContext, ResponseHead } from './contract.ts';

type Head = (head: ResponseHead) => HeadAct;

const FORWARD: HeadAct = { do: 'forward' };

/** What faults share that look into an answer: of one that is compressed all the same they say so. */
export function unlessCompressed(context: HttpContext<Attributes>): Head {
  return ({ headers }) => {
    if (isCompressed(headers)) context.skipped('compressed');
    return FORWARD;
  };
}

/** What faults share that act on events: an answer that is no stream is left alone, and said to be. */
export function streamsOnly(context: HttpContext<Attributes>): Head {
  return ({ events, headers }) => {
    if (!events) context.skipped(isCompressed(headers) ? 'compressed' : 'not a stream');
    return FORWARD;
  };
}
