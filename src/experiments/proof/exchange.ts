import { connect, type Socket } from 'node:net';
import { Client } from 'pg';
import { request } from 'undici';
import { isHttp, type Protocol } from '../../core/protocol.ts';
import { request as redisCommand } from '../../protocols/redis/write.ts';
import { parseHostPort } from '../../proxy/host-port.ts';
import { ANSWER } from './stand-in.ts';

/**
 * Asks the stand-in behind a proxy one question over a new connection. True when its own answer came back whole, in time.
 * Never rejects.
 */
export async function exchange(protocol: Protocol, address: string, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    if (isHttp(protocol)) return await overHttp(protocol, address, signal);
    if (protocol === 'postgres') return await overPostgres(address, timeoutMs);
    return await overSocket(protocol, address, signal);
  } catch {
    return false;
  }
}

/** A request that each provider's faults see as one of theirs. */
const PATHS: Readonly<Partial<Record<Protocol, string>>> = {
  openai: '/v1/chat/completions',
  anthropic: '/v1/messages',
  gemini: '/v1beta/models/gemini-2.5-flash:generateContent',
};

async function overHttp(protocol: Protocol, address: string, signal: AbortSignal): Promise<boolean> {
  const path = PATHS[protocol];
  const { statusCode, body } = await request(`http://${address}${path ?? '/'}`, {
    method: path ? 'POST' : 'GET',
    headers: { connection: 'close', ...(path ? { 'content-type': 'application/json' } : {}) },
    ...(path ? { body: '{"model":"stand-in","messages":[]}' } : {}),
    signal,
  });
  return (await body.text()) === ANSWER && statusCode === 200;
}

async function overPostgres(address: string, timeoutMs: number): Promise<boolean> {
  const { host, port } = parseHostPort(address, 'a proxy');
  const client = new Client({
    host,
    port,
    user: 'faultline',
    database: 'faultline',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query('select 1')).command === 'SELECT';
  } finally {
    // A proxy that swallows everything would let a polite end wait.
    (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
  }
}

async function overSocket(protocol: Protocol, address: string, signal: AbortSignal): Promise<boolean> {
  const { host, port } = parseHostPort(address, 'a proxy');
  const question = protocol === 'redis' ? redisCommand('GET', 'faultline') : ANSWER;
  const expected = protocol === 'redis' ? `$${ANSWER.length}\r\n${ANSWER}\r\n` : ANSWER;
  const socket = connect({ host, port, signal });
  try {
    socket.write(question);
    let received = '';
    for await (const chunk of socket) {
      received += chunk;
      if (received.length >= expected.length) break;
    }
    return received === expected;
  } finally {
    socket.destroy();
  }
}
