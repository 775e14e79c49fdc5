import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type pg from 'pg';
import { told } from '../../protocols/postgres/wire.ts';
import { until } from '../../support/until.ts';

/** The socket of a client that has logged in, to speak the protocol by hand. */
export function rawOf(client: pg.Client) {
  const socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
  socket.removeAllListeners('data');
  let got = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    got = Buffer.concat([got, chunk]);
  });
  const heard = () => told(got.subarray(0, wholeIn(got)));
  return {
    socket,
    send: (...messages: readonly Buffer[]) => void socket.write(Buffer.concat(messages)),
    /** All that came since it was last asked, once `enough` of it is there: the last of this letter, so many times. */
    async answer(letter = 'Z', times = 1): Promise<readonly string[]> {
      await until(`${times} ${letter} came, not only ${heard().join(', ')}`, () => {
        const letters = heard().map((text) => text[0]);
        return letters.filter((each) => each === letter).length >= times;
      });
      const answer = heard();
      got = got.subarray(wholeIn(got));
      return answer;
    },
    /** What came and was not asked for. */
    heard,
  };
}

/** How much of these bytes is whole messages. */
function wholeIn(bytes: Buffer): number {
  let at = 0;
  while (at + 5 <= bytes.length) {
    const next = at + 1 + bytes.readInt32BE(at + 1);
    if (next > bytes.length) break;
    at = next;
  }
  return at;
}

/** Asks for a cancellation of what this client's session does; answers when the server has closed. */
export async function cancel(address: { host: string; port: number }, client: pg.Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const packet = Buffer.alloc(16);
  for (const [index, value] of [16, 80877102, processID, secretKey].entries())
    packet.writeInt32BE(value, index * 4);
  const socket = connect(address);
  socket.resume().end(packet);
  await once(socket, 'close');
}
