import { once } from 'node:events';
import { connect } from 'node:net';
import { ReplyFramer } from '../../src/protocols/redis/replies.ts';
import { request } from '../../src/protocols/redis/write.ts';

/** Sends commands (words separated by blanks) in one pipeline over a bare socket; answers the bytes of each reply. */
export async function exchange(
  port: number,
  version: 2 | 3,
  commands: readonly string[],
): Promise<readonly string[]> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const all = version === 3 ? ['HELLO 3', ...commands] : commands;
  socket.write(Buffer.concat(all.map((command) => request(...command.split(' ')))));
  const replies: string[] = [];
  let pending = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk]);
    let from = 0;
    const fresh = new ReplyFramer();
    for (let at = 0; at < pending.length; ) {
      at = fresh.read(pending, at);
      if (!fresh.complete) break;
      replies.push(pending.toString('latin1', from, at));
      from = at;
    }
    pending = pending.subarray(from);
    if (replies.length >= all.length) break;
  }
  socket.destroy();
  return version === 3 ? replies.slice(1) : replies;
}
