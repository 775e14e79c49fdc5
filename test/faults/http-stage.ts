import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Attributes } from '../../src/core/fault.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import type { AnyFault } from '../../src/faults/contract.ts';
import { type Front, type HandFault, inForce, startFront } from '../proxy/http/front.ts';
import { dial, type Wire } from '../proxy/http/wire.ts';

export interface Stage {
  readonly front: Front;
  readonly fault: HandFault;
  readonly client: Wire;
  /** Requests that reached the upstream. */
  readonly seen: http.IncomingMessage[];
  close(): Promise<void>;
}

/** A client, one fault in force, and an upstream, on real sockets. */
export async function stageHttp(
  definition: AnyFault,
  attributes: Attributes,
  answer: http.RequestListener,
  protocol: Protocol = 'openai',
): Promise<Stage> {
  const seen: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fault = inForce(definition, attributes);
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const front = await startFront(upstream, { protocol, faults: [fault] });
  const client = await dial(front.port);
  return {
    front,
    fault,
    client,
    seen,
    async close() {
      client.socket.destroy();
      await front.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const POST =
  'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 32\r\n\r\n{"model":"gpt-4o","stream":true}';

/** Data frames of a chat completion: the role, then a word each. */
export function chatEvent(index: number): string {
  const delta = index === 0 ? { role: 'assistant', content: '' } : { content: `word${index} ` };
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta }] })}\n\n`;
}

/** Answers with a stream of `count` chat events and `[DONE]`. */
export function chatStream(count: number): http.RequestListener {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let index = 0; index < count; index++) response.write(chatEvent(index));
    response.end('data: [DONE]\n\n');
  };
}

/** The body of an answer in chunks, put together. */
export function dechunk(text: string): string {
  let rest = text.slice(text.indexOf('\r\n\r\n') + 4);
  let body = '';
  for (;;) {
    const head = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (!head) return body;
    const length = Number.parseInt(head[1]!, 16);
    body += rest.slice(head[0].length, head[0].length + length);
    rest = rest.slice(head[0].length + length + 2);
  }
}
