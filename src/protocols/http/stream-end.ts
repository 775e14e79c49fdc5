import type { StreamMarks } from './providers/contract.ts';

/** No mark is longer than this, where it falls on the border of two chunks. */
const LONGEST_MARK = 64;

/** What a stream came to: its own last event, an event that says it failed, or neither so far. */
export type StreamCame = 'whole' | 'failed' | undefined;

/** Reads a provider's stream of events, as it passes, for how it ends. */
export class StreamEnd {
  came: StreamCame;
  readonly #marks: StreamMarks;
  #before = '\n';

  constructor(marks: StreamMarks) {
    this.#marks = marks;
  }

  push(chunk: Buffer): void {
    if (this.came) return;
    const text = this.#before + chunk.toString('latin1');
    if (this.#marks.failed.test(text)) this.came = 'failed';
    else if (this.#marks.whole.test(text)) this.came = 'whole';
    this.#before = text.slice(-LONGEST_MARK);
  }
}
