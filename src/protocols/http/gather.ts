import type { EventSplitter } from './events.ts';
import { Pending } from './pending.ts';

/** Longest body that is held together, bytes: far above what a completion is, embeddings of a large batch included. */
const LONGEST_BODY = 16 * 1024 * 1024;

/** Puts a body together, as a stream of one piece: all of it comes at the end, or in chunks once it is longer than the cap. */
export function gatherBody(cap = LONGEST_BODY): EventSplitter {
  const gathered = new Pending(cap);
  let opaque = false;
  return {
    get opaque() {
      return opaque;
    },
    push(chunk) {
      if (opaque) return [chunk];
      if (gathered.add(chunk)) return [];
      opaque = true;
      return [gathered.take(chunk)];
    },
    end: () => gathered.take(),
  };
}
