import { CANARY_HEADER } from '../../core/canary.ts';
import { endToEnd, pairs, type RawHeaders } from './headers.ts';
import type { Target } from './target.ts';

interface RequestHeadOptions {
  /** What the upstream gets as `Host`. */
  readonly host: string;
  /** The client asks to switch protocols, and may. */
  readonly upgrade: boolean;
  /** The body comes without a length. */
  readonly chunked: boolean;
  /** `Expect` is still the upstream's to answer. */
  readonly expect: boolean;
  /** Its mark is the proxy's alone. */
  readonly canary: boolean;
  /** The upstream may compress what it answers. */
  readonly encodings: boolean;
}

/** The request's headers as the upstream gets them: as the client sent them, but for what belongs to one connection. */
export function forwardedHeaders(raw: RawHeaders, options: RequestHeadOptions): string[] {
  const without = [
    'host',
    ...(options.expect ? [] : ['expect']),
    ...(options.canary ? [CANARY_HEADER] : []),
    ...(options.encodings ? [] : ['accept-encoding']),
  ];
  const headers = ['Host', options.host, ...endToEnd(raw, without)];
  // Without the header any coding would be welcome.
  if (!options.encodings) headers.push('Accept-Encoding', 'identity');
  for (const [name, value] of pairs(raw)) {
    const key = name.toLowerCase();
    if (key === 'transfer-encoding' && options.chunked) headers.push(name, value);
    // The client's only way to say that it reads trailers, which pass through.
    if (key === 'te' && /\btrailers\b/i.test(value)) headers.push(name, 'trailers');
    if (key === 'upgrade' && options.upgrade) headers.push('Connection', 'Upgrade', name, value);
  }
  return headers;
}

/** The path as the client sent it, byte for byte, behind the upstream's own prefix. */
export function forwardedPath({ prefix }: Target, url: string): string {
  // A client that takes this for a forward proxy sends the whole URL.
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '');
  if (path === '*') return path;
  return path.startsWith('/') ? prefix + path : `${prefix}/${path}`;
}
