import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { CANARY_HEADER } from '../../core/canary.ts';
import type { Protocol, ProxyTls } from '../../core/protocol.ts';
import { sslRequest } from '../../protocols/postgres/startup.ts';
import { type CanaryTarget, exchange, kindOf, tlsOptions } from './dial.ts';

/** A harmless question, without a key, that any server of a protocol answers. */
export interface Canary {
  /** What is sent. */
  readonly sent: string;
  /** The answer's kind, without content. Never rejects. */
  ask(target: CanaryTarget, timeoutMs: number): Promise<string>;
  /** What kinds compare by; by default themselves. */
  classOf?(kind: string): string;
  /** What a proxy with TLS of its own answers in place of its upstream, and whatever that answers. */
  answersItself?(tls: ProxyTls): string | undefined;
}

/** A listener that takes a connection without a server behind it closes it within this time, or greets. */
const QUIET_MS = 200;

const connect: Canary = {
  sent: 'connect',
  ask: (target, timeoutMs) =>
    exchange(target, { read: () => 'greeted', quiet: { ms: QUIET_MS, kind: 'open' }, timeoutMs }),
};

/** SSLRequest: length 8, code 80877103; the server answers one byte, `S` or `N`, before any authentication. */
const encryption: Canary = {
  sent: 'SSLRequest',
  ask: (target, timeoutMs) =>
    exchange(
      { ...target, tls: undefined },
      {
        request: sslRequest(),
        read: (received) => String.fromCharCode(received[0]!),
        timeoutMs,
      },
    ),
  answersItself: ({ listen, upstream }) => (listen ? 'S' : (upstream ?? 'off') === 'off' ? undefined : 'N'),
};

/** `+PONG`, or the code of an error line, which a server that wants a password answers as `NOAUTH`. */
const ping: Canary = {
  sent: 'PING',
  ask: (target, timeoutMs) =>
    exchange(target, {
      request: Buffer.from('*1\r\n$4\r\nPING\r\n'),
      read(received) {
        const end = received.indexOf('\r\n');
        if (end < 0) return received.length > 1024 ? 'garbled' : undefined;
        return /^[+-]([A-Z]+)/.exec(received.toString('latin1', 0, end))?.[1] ?? 'garbled';
      },
      timeoutMs,
    }),
};

const get: Canary = {
  sent: 'GET /',
  ask: (target, timeoutMs) =>
    new Promise((resolve) => {
      const { host, port, path, localPort } = target;
      const options = {
        host,
        port,
        path,
        ...(localPort === undefined ? {} : { localPort }),
        method: 'GET',
        agent: false,
        headers: {
          connection: 'close',
          'user-agent': 'faultline-canary',
          ...(target.proxied ? { [CANARY_HEADER]: '1' } : {}),
        },
        ...(target.tls ? tlsOptions(target) : {}),
      } as const;
      const request = (target.tls ? requestHttps : requestHttp)(options);
      const finish = (kind: string) => {
        clearTimeout(timer);
        request.destroy();
        resolve(kind);
      };
      const timer = setTimeout(finish, timeoutMs, 'ETIMEDOUT');
      request.once('response', (response) => finish(String(response.statusCode)));
      request.on('error', (error) => finish(kindOf(error)));
      request.end();
    }),
  classOf: (kind) => (/^\d{3}$/.test(kind) ? `${kind[0]}xx` : kind),
};

export const CANARIES: Readonly<Record<Protocol, Canary>> = {
  tcp: connect,
  http: get,
  openai: get,
  anthropic: get,
  gemini: get,
  postgres: encryption,
  redis: ping,
};
