import net, { type AddressInfo } from 'node:net';
import { listening } from './child.ts';

/** Sends back what it gets. */
const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.pipe(socket);
});
server.listen(0, '127.0.0.1', 4096, () => listening((server.address() as AddressInfo).port));
