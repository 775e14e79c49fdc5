import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import statics from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const require = createRequire(import.meta.url);
const PUBLIC = join(import.meta.dirname, 'public');
const HTM = join(dirname(require.resolve('htm')), '..', 'preact');
const ECHARTS = join(dirname(require.resolve('echarts/package.json')), 'dist');

/** Only what this server has itself: the page works without the internet, and a script that found its way into it reaches nothing else. */
const POLICY =
  "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The dashboard's page, its scripts, and the libraries that they use. The page itself holds nothing secret; what it asks for needs a login. */
export async function addDashboard(app: FastifyInstance): Promise<void> {
  await app.register(statics, {
    root: [PUBLIC, HTM, ECHARTS],
    serve: false,
  });
  const file = (route: string, name: string, root: string) =>
    app.get(route, { config: { role: 'anyone' }, schema: { hide: true } }, (_, reply) => {
      reply.header('content-security-policy', POLICY).header('x-content-type-options', 'nosniff');
      return reply.sendFile(name, root);
    });
  file('/', 'index.html', PUBLIC);
  for (const name of readdirSync(PUBLIC).filter((one) => !one.endsWith('.html')))
    file(`/assets/${name}`, name, PUBLIC);
  file('/assets/lib/preact.js', 'standalone.module.js', HTM);
  file('/assets/lib/echarts.js', 'echarts.esm.min.mjs', ECHARTS);
}
