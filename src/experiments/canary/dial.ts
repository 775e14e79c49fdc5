import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a canary goes. */
export interface CanaryTarget {
  readonly host: string;
  readonly port: number;
  /** Speaks TLS; the certificate is checked where `verify`. */
  readonly tls?: { readonly verify: boolean; readonly ca?: string };
  /** One of our proxies, which is told not to count it. */
  readonly proxied?: boolean;
  /** Port that it comes from; by default any that is free. */
  readonly localPort?: number;
  /** Path of an HTTP canary. */
  readonly path: string;
}

/** Reads `host:port`, `[::1]:port` or an http(s) URL; the addresses that mean "all" become loopback. */
export function targetOf(address: string, tls?: CanaryTarget['tls']): CanaryTarget {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `tcp://${address}`;
  const url = new URL(withScheme);
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const path = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  return {
    host: host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host,
    port,
    path,
    ...(tls ? { tls } : secure ? { tls: { verify: true } } : {}),
  };
}

export function tlsOptions(target: CanaryTarget) {
  const { tls } = target;
  return {
    rejectUnauthorized: tls?.verify ?? true,
    ...(tls?.ca ? { ca: readFileSync(tls.ca) } : {}),
    // An address is not a name that a server can be asked for.
    ...(/^[\d.]+$|:/.test(target.host) ? {} : { servername: target.host }),
  };
}

/** Opens a socket; TLS is spoken from the first byte where the target says so. */
function dial(target: CanaryTarget): { readonly socket: Socket; readonly ready: string } {
  const { host, port, localPort } = target;
  const address = { host, port, ...(localPort === undefined ? {} : { localPort }) };
  if (!target.tls) return { socket: connect(address), ready: 'connect' };
  return { socket: connectTls({ ...address, ...tlsOptions(target) }), ready: 'secureConnect' };
}

/** An error as a kind: its code, never its text. */
export function kindOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' && code !== '' ? code : 'error';
}

/**
 * Opens a socket, sends `request` and hands each chunk to `read` until that answers a kind. Answers that kind, `closed`
 * when the other side ends first, `ETIMEDOUT` after `timeoutMs`, or the code of the error. Never rejects.
 */
export function exchange(
  target: CanaryTarget,
  options: {
    readonly request?: Buffer;
    readonly read: (received: Buffer) => string | undefined;
    /** What it means that nothing came for `quietMs` after the connect. */
    readonly quiet?: { readonly ms: number; readonly kind: string };
    readonly timeoutMs: number;
  },
): Promise<string> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    let quiet: NodeJS.Timeout | undefined;
    const finish = (kind: string) => {
      clearTimeout(timer);
      clearTimeout(quiet);
      socket.destroy();
      resolve(kind);
    };
    const timer = setTimeout(() => finish('ETIMEDOUT'), options.timeoutMs);
    let socket: ReturnType<typeof dial>['socket'];
    try {
      const opened = dial(target);
      socket = opened.socket;
      socket.once(opened.ready, () => {
        if (options.request) socket.write(options.request);
        if (options.quiet) quiet = setTimeout(finish, options.quiet.ms, options.quiet.kind);
      });
    } catch (error) {
      clearTimeout(timer);
      return resolve(kindOf(error));
    }
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const kind = options.read(received);
      if (kind !== undefined) finish(kind);
    });
    socket.on('error', (error) => finish(kindOf(error)));
    socket.on('close', () => finish('closed'));
    socket.on('end', () => finish('closed'));
  });
}
