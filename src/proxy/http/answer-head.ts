import type http from 'node:http';
import { endToEnd, pairs, rawHead } from './headers.ts';

interface HeadOptions {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  /** The upstream's `content-length` holds for what is sent. */
  readonly length: boolean;
  /** Headers in place of the upstream's own; names in lower case. */
  readonly set?: Readonly<Record<string, string>>;
}

/** Sends the upstream's head on, at once (in this turn of the event loop), with the case, order and repetition of its headers. */
export function sendHead(
  message: http.IncomingMessage,
  { request, response, length, set = {} }: HeadOptions,
): void {
  const status = message.statusCode ?? 502;
  const hasLength = length && message.headers['content-length'] !== undefined;
  const bodiless = request.method === 'HEAD' || status === 204 || status === 304;
  const chunked = request.httpVersion === '1.1' && !hasLength && !bodiless;
  const without = [
    ...(length ? [] : ['content-length']),
    // Trailers have no place outside chunks: node:http throws for a promise that it cannot keep.
    ...(chunked ? [] : ['trailer']),
    ...Object.keys(set),
  ];
  const headers = endToEnd(message.rawHeaders, without);
  for (const [name, value] of Object.entries(set)) headers.push(name, value);
  response.sendDate = false;
  response.writeHead(status, message.statusMessage ?? '', headers);
  const { socket } = response;
  // A head whose body is there already goes out with it, in one packet instead of two.
  socket?.cork();
  response.flushHeaders();
  if (socket) setImmediate(() => socket.uncork());
}

/** Passes an informational answer (103 Early Hints, 102) on as it came; an HTTP/1.0 client knows none. */
export function sendInformation(
  info: http.InformationEvent,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  if (response.headersSent || !response.socket?.writable || request.httpVersion !== '1.1') return;
  // node:http writes only 100, 102 and a 103 of its own making; the connection is this response's alone until it ends.
  response.socket.write(rawHead(info.statusCode, info.statusMessage, endToEnd(info.rawHeaders)), 'latin1');
}

/** The 101 that ends HTTP on a connection, with its `Connection` and `Upgrade`. */
export function switchingHead(message: http.IncomingMessage): string {
  const upgrade = [...pairs(message.rawHeaders)]
    .filter(([name]) => /^(connection|upgrade)$/i.test(name))
    .flat();
  const rest = endToEnd(message.rawHeaders);
  return rawHead(101, message.statusMessage || 'Switching Protocols', [...upgrade, ...rest]);
}
