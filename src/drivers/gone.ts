import { connect, isIP } from 'node:net';

const DIAL_MS = 1000;

/**
 * Whether nobody listens there any more, as far as that proves that a server has ended: this machine itself refuses the
 * connection. What another machine or the way to it says may be a firewall's word; there it is false.
 */
export function serverIsGone(hostname: string, port: number): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!isOwn(host)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const tell = (gone: boolean) => {
      socket.destroy();
      resolve(gone);
    };
    socket.setTimeout(DIAL_MS, () => tell(false));
    socket.once('connect', () => tell(false));
    // Of `localhost` both addresses must refuse: then the error holds both, with this code.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => tell(code === 'ECONNREFUSED'));
  });
}

function isOwn(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
