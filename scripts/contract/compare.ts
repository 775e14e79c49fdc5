import { isDeepStrictEqual } from 'node:util';
import type { Answer } from '../../test/proxy/api/call.ts';

/** What of an answer must be the same on both servers. */
export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const COMPARED = ['content-type', 'x-content-type-options', 'location'] as const;

/** Differences that stand all over the API, each with its decision record: they are evened out before comparing. */
const EVERYWHERE: readonly { readonly record: string; even(text: string): string }[] = [
  { record: '040', even: (text) => text.replace(/"Logger":\{\},?/g, '') },
  { record: '041', even: (text) => text.replace(/"proxies":null/g, '"proxies":[]') },
  { record: '047', even: (text) => text.replace(/("bad request body: )(?!EOF)(?:[^"\\]|\\.)*/g, '$1(why)') },
];

/** Ports are taken anew by each server. */
const PORT = /(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]|localhost):[1-9]\d{3,4}\b/g;

/** An answer as it is compared; each record that evened something out is called back with. */
export function seen({ status, headers, text }: Answer, evened: (record: string) => void): Seen {
  let shown = text.replace(PORT, '$1:PORT');
  for (const { record, even } of EVERYWHERE) {
    const before = shown;
    shown = even(before);
    if (shown !== before) evened(record);
  }
  return {
    status,
    headers: Object.fromEntries(
      COMPARED.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
    ),
    body: json(shown),
  };
}

export function same(one: Seen, other: Seen): boolean {
  return isDeepStrictEqual(one, other);
}

export function show({ status, headers, body }: Seen): string {
  const told = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = typeof body === 'string' ? body.trim() : JSON.stringify(body);
  return [String(status), ...told, text.length > 400 ? `${text.slice(0, 400)}…` : text].join(' | ');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
