import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { type OpenDocument, openDocument, type Path } from '../core/document.ts';
import { FaultlineErrors } from '../core/errors.ts';
import type { ProxyDeclaration, ProxyTls } from '../core/protocol.ts';
import { DEFAULT_CONTROL, proxyFileSchema, toxiproxyFileSchema } from './config-schema.ts';
import type { ManualToxic } from './contract.ts';

export { DEFAULT_CONTROL, proxiesSchema, proxyFileSchema } from './config-schema.ts';

import { findUpwards, readBytes } from './files.ts';
import { problemsOf } from './tls/material.ts';

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
  return openConfig(path).config;
}

/** The same to start its proxies: the certificates and keys that it names are read too. @throws as `readProxyConfig` */
export function loadProxyConfig(path: string): ProxyConfig {
  const { config, document, pathOf } = openConfig(path);
  checkTls(document, config.proxies, pathOf);
  return config;
}

interface OpenConfig {
  readonly config: ProxyConfig;
  readonly document: OpenDocument<unknown>;
  readonly pathOf: PathOf;
}

/** Where a file declares a proxy. */
type PathOf = (name: string, index: number) => Path;

function openConfig(path: string): OpenConfig {
  const text = readBytes(path).toString();
  const file = relative(process.cwd(), path) || path;
  const folder = dirname(resolve(path));
  if (/^\s*\[/.test(text)) {
    const document = openDocument({ text, file, schema: toxiproxyFileSchema });
    const entries = document.value;
    const config = {
      control: DEFAULT_CONTROL,
      allowedHosts: [],
      proxies: entries.map(({ enabled: _, toxics: __, ...proxy }) => withFolder(proxy, folder)),
      disabled: entries.filter(({ enabled }) => !enabled).map(({ name }) => name),
      toxics: toxicsOf(entries),
    };
    return { config, document, pathOf: (_, index) => [index] };
  }
  const document = openDocument({ text, file, schema: proxyFileSchema });
  const { control, allowedHosts, proxies } = document.value;
  const named = Object.entries(proxies).map(([name, { toxics }]) => ({ name, toxics }));
  const config = {
    control,
    allowedHosts,
    proxies: toDeclarations(proxies, folder),
    disabled: [],
    toxics: toxicsOf(named),
  };
  return { config, document, pathOf: byName };
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

/**
 * Reads the certificates and keys that proxies of a file name.
 * @throws FaultlineErrors with all that are of no use, each with its place
 */
export function checkTls(
  document: Pick<OpenDocument<unknown>, 'placeOf'>,
  proxies: readonly ProxyDeclaration[],
  pathOf: PathOf = byName,
): void {
  const problems = proxies.flatMap(({ name, tls }, index) =>
    tls ? problemsOf(tls, (path) => document.placeOf([...pathOf(name, index), 'tls', ...path])) : [],
  );
  if (problems.length > 0) throw new FaultlineErrors(problems);
}

const byName: PathOf = (name) => ['proxies', name];

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
