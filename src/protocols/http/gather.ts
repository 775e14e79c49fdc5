import type { EventSplitter } from './events.ts';

/** Longest body that is held together, bytes: far above what a completion is, embeddings of a large batch included. */
const LONGEST_BODY = 16 * 1024 * 1024;

/** Puts a body together, as a stream of one piece: all of it comes at the end, or in chunks once it is longer than the cap. */
export function gatherBody(cap = LONGEST_BODY): EventSplitter {
  let gathered: Buffer[] = [];
  let length = 0;
  let opaque = false;
  const take = () => {
    const whole = Buffer.concat(gathered);
    gathered = [];
    return whole;
  };
  return {
    get opaque() {
      return opaque;
    },
    push(chunk) {
      if (opaque) return [chunk];
      gathered.push(chunk);
      length += chunk.length;
      if (length <= cap) return [];
      opaque = true;
      return [take()];
    },
    end: take,
  };
}
