/** Longest event that is waited for; a data plane with hundreds of proxies stays far below. */
const MAX_EVENT = 16 * 1024 * 1024;

/** The data of each server-sent event, as it comes (WHATWG HTML, section 9.2). */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of chunks) {
    pending += decoder.decode(chunk, { stream: true });
    const events = pending.split(/\r?\n\r?\n/);
    pending = events.pop()!;
    if (pending.length > MAX_EVENT) throw new Error('an observation is too long');
    for (const event of events) {
      const data = event
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).replace(/^ /, ''));
      if (data.length > 0) yield data.join('\n');
    }
  }
}
