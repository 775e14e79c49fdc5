/** What a proxy's listener speaks. */
export const PROTOCOLS = ['tcp', 'http', 'openai', 'anthropic', 'gemini', 'postgres', 'redis'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Protocols that are HTTP underneath. */
export const HTTP_PROTOCOLS = [
  'http',
  'openai',
  'anthropic',
  'gemini',
] as const satisfies readonly Protocol[];
/** Protocols of AI providers. */
export const AI_PROTOCOLS = ['openai', 'anthropic', 'gemini'] as const satisfies readonly Protocol[];

export function isHttp(protocol: Protocol): boolean {
  return (HTTP_PROTOCOLS as readonly Protocol[]).includes(protocol);
}

/** A proxy as a file declares it. */
export interface ProxyDeclaration {
  readonly name: string;
  readonly protocol: Protocol;
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** `host:port`; for HTTP protocols also an http or https URL (its path becomes a prefix). */
  readonly upstream: string;
  readonly tls?: ProxyTls;
  /**
   * On redis: where clients are to be sent in place of the addresses of nodes that Cluster and Sentinel replies carry, both
   * `host:port`.
   */
  readonly addresses?: Readonly<Record<string, string>>;
}

export interface ProxyTls {
  /** Certificate and key files, to end the client's TLS here. */
  readonly listen?: { readonly cert: string; readonly key: string };
  readonly upstream?: 'off' | 'require' | 'verify';
  /** File with the certificates that `verify` trusts. */
  readonly ca?: string;
}
