import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { readDocument } from '../core/document.ts';
import type { ProxyDeclaration, ProxyTls } from '../core/protocol.ts';
import { DEFAULT_CONTROL, proxyFileSchema, toxiproxyFileSchema } from './config-schema.ts';
import type { ManualToxic } from './contract.ts';

export { DEFAULT_CONTROL, proxiesSchema, proxyFileSchema } from './config-schema.ts';

import { findUpwards, readBytes } from './files.ts';

const FILE_NAME = 'faultline.yaml';

export interface ProxyConfig {
  /** `host:port` of the control API. */
  readonly control: string;
  readonly allowedHosts: readonly string[];
  readonly proxies: readonly ProxyDeclaration[];
  /** Names of proxies that start disabled; only Toxiproxy's own files can say so. */
  readonly disabled: readonly string[];
  /** What each proxy that has any begins with. */
  readonly toxics: ReadonlyMap<string, readonly ManualToxic[]>;
}

/**
 * Reads a `faultline.yaml`, or a JSON array of proxies as Toxiproxy's `-config` takes it.
 * @throws FaultlineError FILE_NOT_FOUND
 * @throws FaultlineErrors with the place of each problem
 */
export function readProxyConfig(path: string): ProxyConfig {
  const text = readBytes(path).toString();
  const file = relative(process.cwd(), path) || path;
  const folder = dirname(resolve(path));
  if (/^\s*\[/.test(text)) {
    const entries = readDocument({ text, file, schema: toxiproxyFileSchema });
    return {
      control: DEFAULT_CONTROL,
      allowedHosts: [],
      proxies: entries.map(({ enabled: _, toxics: __, ...proxy }) => withFolder(proxy, folder)),
      disabled: entries.filter(({ enabled }) => !enabled).map(({ name }) => name),
      toxics: toxicsOf(entries),
    };
  }
  const { control, allowedHosts, proxies } = readDocument({ text, file, schema: proxyFileSchema });
  const named = Object.entries(proxies).map(([name, { toxics }]) => ({ name, toxics }));
  return {
    control,
    allowedHosts,
    proxies: toDeclarations(proxies, folder),
    disabled: [],
    toxics: toxicsOf(named),
  };
}

/** Proxies of a file, with paths of certificates taken relative to the file's folder. */
export function toDeclarations(
  proxies: Readonly<Record<string, Omit<ProxyDeclaration, 'name'> & { readonly toxics?: unknown }>>,
  folder: string,
): readonly ProxyDeclaration[] {
  return Object.entries(proxies).map(([name, { toxics: _, ...proxy }]) =>
    withFolder({ name, ...proxy }, folder),
  );
}

function toxicsOf(
  proxies: readonly { readonly name: string; readonly toxics: readonly ManualToxic[] }[],
): ProxyConfig['toxics'] {
  const some = proxies.filter(({ toxics }) => toxics.length > 0);
  return new Map(some.map(({ name, toxics }) => [name, toxics]));
}

/** The `faultline.yaml` that holds for a file in `folder`: there, else in a folder above, else in the current one. */
export function findProxyConfig(folder: string, cwd: string = process.cwd()): string | undefined {
  return findUpwards(FILE_NAME, folder, cwd);
}

function withFolder(proxy: ProxyDeclaration, folder: string): ProxyDeclaration {
  if (!proxy.tls) return proxy;
  const { listen, ca, upstream } = proxy.tls;
  const at = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const tls: ProxyTls = {
    ...(upstream ? { upstream } : {}),
    ...(listen ? { listen: { cert: at(listen.cert), key: at(listen.key) } } : {}),
    ...(ca ? { ca: at(ca) } : {}),
  };
  return { ...proxy, tls };
}
