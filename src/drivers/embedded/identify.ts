import { request } from 'undici';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { controlHeaders } from './token.ts';

/** Who answers at a control address. */
type DataPlaneIdentity =
  | {
      readonly kind: 'ours';
      readonly instance: string;
      readonly pid: number;
      /** With the addresses that were really taken as `listen`. */
      readonly proxies: readonly ProxyDeclaration[];
      /** Proxies that should listen and do not. */
      readonly notListening: readonly string[];
    }
  /** Ours, and it asks for another token than this process has. */
  | { readonly kind: 'locked'; readonly instance: string }
  | { readonly kind: 'toxiproxy'; readonly version: string }
  /** Something else listens there; `what` says how it answered. */
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'nobody' };

interface Health {
  readonly faultline?: string;
  readonly instance: string;
  readonly pid: number;
  readonly notListening: readonly string[];
}

/** Asks who listens at `control`. Never rejects. */
export async function identifyDataPlane(control: string): Promise<DataPlaneIdentity> {
  try {
    const health = await ask<Health>(control, '/healthz');
    if (health.json?.faultline === 'data plane') {
      const { instance, pid, notListening } = health.json;
      const listed = await ask<Record<string, ProxyDeclaration>>(control, '/proxies', headersOrNone());
      if (listed.status === 401) return { kind: 'locked', instance };
      const proxies = listed.json ?? {};
      return { kind: 'ours', instance, pid, notListening, proxies: Object.values(proxies).map(declared) };
    }
    const version = await ask<{ version?: unknown }>(control, '/version');
    if (typeof version.json?.version === 'string')
      return { kind: 'toxiproxy', version: version.json.version };
    return { kind: 'other', what: `an HTTP server that answers /healthz with status ${health.status}` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ECONNREFUSED', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(code)) return { kind: 'nobody' };
    return { kind: 'other', what: 'something that does not answer as an HTTP server' };
  }
}

/**
 * How the proxies of a running data plane differ from declared ones, in a sentence; undefined when they are equal. A
 * declared port 0 is content with any port.
 */
export function proxiesDiffer(
  declared: readonly ProxyDeclaration[],
  running: readonly ProxyDeclaration[],
): string | undefined {
  for (const proxy of declared) {
    const other = running.find(({ name }) => name === proxy.name);
    if (!other) return `it has no proxy "${proxy.name}"`;
    for (const [what, ours, theirs] of [
      ['protocol', proxy.protocol, other.protocol],
      ['listen address', comparable(proxy.listen), comparable(other.listen, proxy.listen)],
      ['upstream', proxy.upstream, other.upstream],
      ['TLS', JSON.stringify(proxy.tls), JSON.stringify(other.tls)],
      ['map of addresses', JSON.stringify(proxy.addresses), JSON.stringify(other.addresses)],
    ] as const) {
      if (ours !== theirs) return `its proxy "${proxy.name}" has another ${what} (${theirs}, not ${ours})`;
    }
  }
  const extra = running.find(({ name }) => !declared.some((proxy) => proxy.name === name));
  return extra && `it also has a proxy "${extra.name}"`;
}

function comparable(listen: string, asked = listen): string {
  const host = listen.replace(/^localhost:/, '127.0.0.1:').replace(/^(0\.0\.0\.0|\[::\]):/, ':');
  return asked.endsWith(':0') ? host.replace(/:\d+$/, ':0') : host;
}

function declared(proxy: ProxyDeclaration): ProxyDeclaration {
  const { name, protocol, listen, upstream, tls, addresses } = proxy;
  return {
    name,
    protocol: protocol ?? 'tcp',
    listen,
    upstream,
    ...(tls ? { tls } : {}),
    ...(addresses ? { addresses } : {}),
  };
}

/** A token that cannot be read is none: then the data plane is locked, if it asks for one. */
function headersOrNone(): Readonly<Record<string, string>> {
  try {
    return controlHeaders();
  } catch {
    return {};
  }
}

async function ask<T>(
  control: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; json: T | undefined }> {
  const host = control.replace(/^(0\.0\.0\.0|\[::\]|)(?=:\d+$)/, '127.0.0.1');
  const response = await request(`http://${host}${path}`, {
    headers,
    headersTimeout: 3000,
    bodyTimeout: 3000,
    signal: AbortSignal.timeout(5000),
    reset: true,
  });
  const text = (await response.body.text()).slice(0, 1_000_000);
  try {
    return { status: response.statusCode, json: JSON.parse(text) as T };
  } catch {
    return { status: response.statusCode, json: undefined };
  }
}
