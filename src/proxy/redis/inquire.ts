import { connect } from 'node:net';
import { ReplyFramer } from '../../protocols/redis/replies.ts';
import { request } from '../../protocols/redis/write.ts';
import { parseHostPort } from '../host-port.ts';
import type { Inquire } from '../session.ts';
import { leadsRound } from './addresses.ts';

const PATIENCE_MS = 3000;
const LONGEST = 64 * 1024;
const MODE = /^redis_mode:(cluster|sentinel)\r?$/m;

/**
 * Asks the upstream once, as anybody may without a password, whether it is of a Cluster or a Sentinel, and says so where no
 * map of addresses keeps its clients on the proxy. One that does not answer is known at the first reply that leads away.
 */
export const inquireRedis: Inquire = ({ declaration, log }, clock) => {
  const { name, upstream, addresses, tls } = declaration;
  const address = addressOf(upstream);
  if (!address || addresses || (tls?.upstream ?? 'off') !== 'off') return () => {};
  const socket = connect(address);
  const framer = new ReplyFramer();
  let text = '';
  const cancel = clock.after(PATIENCE_MS, () => socket.destroy());
  socket.unref();
  socket.on('error', () => {});
  socket.once('close', cancel);
  socket.once('connect', () => socket.write(request('INFO', 'server')));
  socket.on('data', (chunk) => {
    framer.read(chunk, 0);
    text += chunk.toString('latin1');
    if (!framer.complete && !framer.broken && text.length < LONGEST) return;
    socket.destroy();
    const mode = MODE.exec(text)?.[1];
    if (mode) log(leadsRound(name, `the server runs in ${mode} mode`));
  });
  return () => socket.destroy();
};

/** Undefined for what Toxiproxy takes for an upstream, and nobody can dial. */
function addressOf(upstream: string): { host: string; port: number } | undefined {
  try {
    const { host, port } = parseHostPort(upstream, 'upstream');
    return { host: host || '127.0.0.1', port };
  } catch {
    return undefined;
  }
}
