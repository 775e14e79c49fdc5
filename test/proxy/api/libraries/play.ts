import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { until } from '../../../support/until.ts';
import type { Library } from './contract.ts';

/** Sends a library's session byte by byte as it would, over one connection, and checks every answer. */
export async function play({ headers, chunked, calls }: Library, control: string): Promise<void> {
  const [host, port] = control.split(':') as [string, string];
  const socket = connect(Number(port), host);
  await once(socket, 'connect');
  const answers = answersOf(socket);
  for (const { send, body, status, reads } of calls) {
    const method = send.split(' ')[0]!;
    const inChunks = body && (chunked?.(send) ?? false);
    const lines = [`${send} HTTP/1.1`, `Host: ${control}`, ...headers(method, body)];
    if (inChunks) lines.push('Transfer-Encoding: chunked');
    else if (chunked && body) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
    const content = inChunks ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : (body ?? '');
    socket.write(`${lines.join('\r\n')}\r\n\r\n${content}`);
    const answer = await answers();
    expect({ send, body, status: answer.status, text: answer.text }).toMatchObject({ send, status });
    if (reads !== undefined) expect(JSON.parse(answer.text), send).toEqual(reads);
  }
  socket.destroy();
}

/** The next whole answer on a connection that is kept. */
function answersOf(socket: Socket): () => Promise<{ status: number; text: string }> {
  let received = '';
  let ended = false;
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('close', () => {
    ended = true;
  });
  return () =>
    until('the answer is whole', () => {
      const head = /^HTTP\/1\.1 (\d{3}) [\s\S]*?\r\n\r\n/.exec(received);
      if (!head) {
        if (ended) throw new Error(`the connection was closed after: ${received}`);
        return undefined;
      }
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head[0])?.[1] ?? 0);
      const end = head[0].length + length;
      if (received.length < end) return undefined;
      const text = received.slice(head[0].length, end);
      received = received.slice(end);
      return { status: Number(head[1]), text };
    });
}
