import type { FastifyInstance } from 'fastify';

/** Of answers that are no page: nothing in them is run or shown within another page. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** The API's page brings scripts and styles of its own, from here. */
const DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Reports are whole in themselves: a script that found its way into one can fetch nothing, send nothing and frame nothing. */
export const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** What browsers are told of every answer. Without it one could be framed by another page (clickjacking), kept on a shared disk, or taken for a script. */
export function addHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-resource-policy', 'same-origin');
    if (!reply.hasHeader('content-security-policy'))
      reply.header('content-security-policy', isDocs(request.url) ? DOCS_POLICY : DATA_POLICY);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
}

function isDocs(url: string): boolean {
  return url === '/docs' || url.startsWith('/docs/');
}
