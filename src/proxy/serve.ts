import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Clock, systemClock } from '../core/clock.ts';
import { FaultlineError } from '../core/errors.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import { createApi } from './api/app.ts';
import type { DataPlane, ManualToxic } from './contract.ts';
import { formatAddress, isLoopback, parseHostPort } from './host-port.ts';
import { createHttpForwarder } from './http/forwarder.ts';
import { listenError } from './listen-error.ts';
import { type EphemeralOwner, watchOwner } from './owner.ts';
import { createDataPlane } from './plane.ts';
import { inquiryOf } from './session.ts';

export interface ProxyServerOptions {
  /** `host:port` of the control API; port 0 takes a free one. */
  readonly control: string;
  readonly proxies: readonly ProxyDeclaration[];
  /** Names of proxies that start disabled. */
  readonly disabled?: readonly string[];
  /** Toxics that proxies begin with, by the name of the proxy. */
  readonly toxics?: ReadonlyMap<string, readonly ManualToxic[]>;
  readonly allowedHosts?: readonly string[];
  /** What whoever calls the control API has to bring. */
  readonly token?: string;
  /** Open the control API beyond this machine also without a token. */
  readonly openControl?: boolean;
  /** End by itself a while after this process is gone. */
  readonly ephemeralOwner?: EphemeralOwner;
  readonly clock?: Clock;
  /** Lines for a log; they hold no content. */
  readonly log?: (line: string) => void;
}

export interface ProxyServer {
  /** Address that the control API really listens on. */
  readonly control: string;
  readonly plane: DataPlane;
  /** Resolves when it has closed, by `close` or because its owner is gone. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a data plane and its control API. The API listens first, so that `/healthz` can tell which proxies do not yet.
 * @throws FaultlineError PORT_IN_USE or CANNOT_LISTEN with the address, CONTROL_OPEN for one beyond this machine without a
 *   token; then nothing listens any more
 */
export async function startProxyServer(options: ProxyServerOptions): Promise<ProxyServer> {
  const {
    proxies,
    disabled = [],
    toxics = new Map(),
    allowedHosts = [],
    token,
    openControl = false,
    clock = systemClock,
    log = () => {},
  } = options;
  const plane = createDataPlane({ clock, createForwarder: createHttpForwarder, log });
  const opening = new Set(proxies.map(({ name }) => name));
  const app = createApi({ plane, opening, allowedHosts, token });
  const inquiries: (() => void)[] = [];
  let unwatch = () => {};
  let markClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    markClosed = resolve;
  });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      unwatch();
      for (const end of inquiries) end();
      await app.close();
      await plane.close();
      markClosed();
    })();
    return closing;
  };

  try {
    const open = token === undefined && !(await isLoopback(options.control));
    if (open && !openControl) throw new FaultlineError('CONTROL_OPEN', { address: options.control });
    const control = await listen(app, options.control);
    if (open) log(`the control API is open to whoever reaches ${control}`);
    for (const proxy of proxies) {
      await openProxy(plane, proxy, toxics.get(proxy.name) ?? [], !disabled.includes(proxy.name));
      opening.delete(proxy.name);
      const end = inquiryOf(proxy.protocol)?.({ declaration: proxy, log }, clock);
      if (end) inquiries.push(end);
    }
    if (options.ephemeralOwner) {
      unwatch = watchOwner(options.ephemeralOwner, clock, () => {
        log('the process that started this data plane is gone: closing');
        void close();
      });
    }
    return { control, plane, closed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(app: FastifyInstance, control: string): Promise<string> {
  const { host, port } = parseHostPort(control, 'control');
  try {
    await app.listen({ host: host === '' ? '::' : host, port });
  } catch (error) {
    throw listenError(error, control, 'the control API');
  }
  return formatAddress(app.server.address() as AddressInfo);
}

/** Its toxics are there before it listens, so that no connection escapes them. */
async function openProxy(
  plane: DataPlane,
  proxy: ProxyDeclaration,
  toxics: readonly ManualToxic[],
  enabled: boolean,
): Promise<void> {
  try {
    const opened = await plane.addProxy(proxy, false);
    for (const toxic of toxics) opened.addToxic(toxic);
    if (enabled) await opened.enable();
  } catch (error) {
    throw listenError(error, proxy.listen, `proxy "${proxy.name}"`);
  }
}
