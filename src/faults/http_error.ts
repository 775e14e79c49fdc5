import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { formatSize } from '../core/units.ts';
import { text } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_HTTP } from './on-http.ts';

const attributes = z.strictObject({
  status: z
    .int()
    .min(200)
    .max(599)
    .default(500)
    .meta({ unit: 'count', description: 'HTTP status of the answer, 200 to 599' }),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .superRefine((headers, context) => {
      for (const [name, value] of Object.entries(headers)) {
        const message = headerProblem(name, value);
        if (message) context.addIssue({ code: 'custom', message, path: [name] });
      }
    })
    .meta({ unit: 'text', description: 'Headers of the answer, by name' }),
  body: text('Body of the answer'),
});

/** Framing is the proxy's own: a header that belied it would make the next answer unreadable. */
const FRAMING = new Set(['content-length', 'transfer-encoding', 'connection']);

function headerProblem(name: string, value: string): string | undefined {
  if (FRAMING.has(name.toLowerCase())) return `header "${name}" is set by the proxy itself`;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return `header "${name}" cannot be sent: it holds a character that HTTP does not allow`;
  }
}

export const httpError: HttpFault<z.output<typeof attributes>> = {
  ...ON_HTTP,
  type: 'http_error',
  attributes,
  summary: 'Answers with a status, headers and a body of your choice',
  undo: 'new requests are forwarded again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: ({ status, headers, body }) => {
    const names = Object.keys(headers);
    const parts = [
      names.length > 0 ? `with ${names.join(', ')}` : '',
      body === '' ? '' : `with a body of ${formatSize(Buffer.byteLength(body))}`,
    ].filter(Boolean);
    return [`answer each request with status ${status}`, ...parts].join(' ');
  },
  create: (context) => ({
    request() {
      const { status, headers, body } = context.attributes;
      const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
      context.injected();
      return {
        do: 'reply',
        status,
        headers: typed || body === '' ? headers : { 'content-type': 'text/plain; charset=utf-8', ...headers },
        body,
      };
    },
  }),
};
