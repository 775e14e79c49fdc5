import type http from 'node:http';
import type httpProxy from 'http-proxy';
import { LONGEST_HEAD, pairs, type RawHeaders, setHeaders } from './headers.ts';
import type { Target } from './target.ts';

/** A request's body: none, read already (perhaps only its beginning), or to be streamed. */
export interface RequestBody {
  readonly present: boolean;
  readonly read: readonly Buffer[];
  /** Nothing is left to stream. */
  readonly complete: boolean;
}

export interface Forwarding {
  readonly target: Target;
  /** As the upstream gets it, prefix included. */
  readonly path: string;
  readonly headers: RawHeaders;
  readonly body: RequestBody;
  /** Not over a kept connection. */
  readonly fresh?: boolean;
}

/**
 * Sends a request upstream through http-proxy. It is given nothing to copy: path, headers and body are set on the request
 * that it makes, as they came, before anything is written. Its `buffer` option, the source of the body, is where it hands
 * that request over.
 */
export function sendUpstream(
  proxy: httpProxy,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { target, path, headers, body, fresh }: Forwarding,
): http.ClientRequest {
  let outgoing: http.ClientRequest | undefined;
  const source = {
    pipe(made: http.ClientRequest) {
      outgoing = made;
    },
  };
  // Emptied, or http-proxy would copy the headers joined and in lower case, and send those of an `Expect` at once.
  request.headers = {};
  proxy.web(
    request,
    response,
    {
      target: {
        protocol: target.secure ? 'https:' : 'http:',
        host: target.hostname,
        hostname: target.hostname,
        port: target.port,
        ...(target.ca === undefined ? {} : { ca: target.ca }),
      },
      agent: fresh ? false : target.agent,
      secure: target.verify,
      changeOrigin: true,
      ignorePath: true,
      toProxy: true,
      selfHandleResponse: true,
      buffer: source as unknown as NodeJS.ReadableStream & import('node:stream').Stream,
    },
    // Errors are heard on the request itself.
    () => {},
  );
  const made = outgoing!;
  made.path = path;
  // Read by node:http when the request gets its connection; http-proxy has no way to say it.
  Object.assign(made, { maxHeaderSize: LONGEST_HEAD });
  setHeaders(made, headers);
  sendBody(request, made, body);
  return made;
}

function sendBody(request: http.IncomingMessage, outgoing: http.ClientRequest, body: RequestBody): void {
  if (!body.present) {
    outgoing.end();
    return;
  }
  if (body.complete) {
    for (const chunk of body.read.slice(0, -1)) outgoing.write(chunk);
    addTrailers(request, outgoing);
    outgoing.end(body.read.at(-1));
    return;
  }
  outgoing.flushHeaders();
  for (const chunk of body.read) outgoing.write(chunk);
  request.once('end', () => addTrailers(request, outgoing));
  request.pipe(outgoing);
  outgoing.once('close', () => {
    // An upstream may answer without reading the body; the rest of it must not block the next request.
    request.unpipe(outgoing);
    request.resume();
  });
}

function addTrailers(request: http.IncomingMessage, outgoing: http.ClientRequest): void {
  if (request.rawTrailers.length > 0) outgoing.addTrailers([...pairs(request.rawTrailers)]);
}
