import type http from 'node:http';

/** What became of a relayed body. `broken`: the upstream's connection ended in the midst of it. */
export type RelayEnd = 'whole' | 'broken' | 'gone';

/**
 * Streams an answer's body to the client, with back-pressure and trailers. Ends the response only where the body is whole.
 * Calls `sent` with what the client is sent.
 */
export function relay(
  upstream: http.IncomingMessage,
  response: http.ServerResponse,
  sent?: (bytes: Buffer) => void,
): Promise<RelayEnd> {
  return new Promise((resolve) => {
    const resume = () => void upstream.resume();
    const gone = () => resolve('gone');
    const done = (end: RelayEnd) => {
      response.off('close', gone);
      resolve(end);
    };
    response.on('close', gone);
    upstream.on('data', (chunk: Buffer) => {
      sent?.(chunk);
      if (response.write(chunk)) return;
      upstream.pause();
      response.once('drain', resume);
    });
    // An aborted message emits `error` and `close`; the error says nothing that `complete` does not.
    upstream.on('error', () => {});
    upstream.on('end', () => {
      if (!upstream.complete) return;
      finish(upstream, response);
      done('whole');
    });
    upstream.on('close', () => done(upstream.complete ? 'whole' : 'broken'));
  });
}

/** Ends a response, with the upstream's trailers where its framing has room for them. */
export function finish(upstream: http.IncomingMessage, response: http.ServerResponse): void {
  if (upstream.rawTrailers.length > 0 && response.chunkedEncoding) {
    const trailers: [string, string][] = [];
    for (let index = 0; index + 1 < upstream.rawTrailers.length; index += 2) {
      trailers.push([upstream.rawTrailers[index]!, upstream.rawTrailers[index + 1]!]);
    }
    response.addTrailers(trailers);
  }
  response.end();
}
