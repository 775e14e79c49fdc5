import { connect } from 'node:net';

/** What demo and sandbox listen on. */
const PORTS = [8474, 13000, 14010, 14011, 15431, 15432, 16378, 16379];

/** Those of them that are open. */
export async function listening(): Promise<number[]> {
  const open = await Promise.all(
    PORTS.map(
      (port) =>
        new Promise<boolean>((answer) => {
          const socket = connect({ host: '127.0.0.1', port }, () => {
            socket.destroy();
            answer(true);
          });
          socket.once('error', () => answer(false));
        }),
    ),
  );
  return PORTS.filter((_, index) => open[index]);
}
