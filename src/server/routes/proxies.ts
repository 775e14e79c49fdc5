import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason.ts';
import { controlHeaders } from '../../drivers/embedded/index.ts';
import { FAULTS } from '../../faults/index.ts';
import { findProxyConfig, readProxyConfig } from '../../proxy/config.ts';
import { DEFAULT_CONTROL } from '../../proxy/config-schema.ts';
import type { Controller } from '../controller.ts';

const PATIENCE_MS = 5000;
const byName = z.object({ name: z.string().min(1) });
const byToxic = z.object({ name: z.string().min(1), toxic: z.string().min(1) });
const toxic = z.strictObject({
  name: z.string().min(1).optional(),
  type: z.string().min(1),
  stream: z.enum(['upstream', 'downstream']).optional(),
  toxicity: z.number().min(0).max(1).optional(),
  attributes: z.record(z.string(), z.unknown()).default({}),
});

const MANUAL = [...FAULTS.values()]
  .filter(({ manual }) => manual)
  .map(({ type, summary, streams, protocols, attributes }) => ({
    type,
    summary,
    streams,
    protocols,
    attributes: attributes.safeParse({}).data ?? {},
  }));

/** Manual toxics on the proxies of the data plane at the folder's control address; what it answers is passed on. */
export function addProxyRoutes(app: FastifyInstance, { cwd, gameDays }: Controller): void {
  const control = () => {
    const file = findProxyConfig(cwd);
    return file ? readProxyConfig(file).control : DEFAULT_CONTROL;
  };
  const pass = async (reply: FastifyReply, method: string, path: string, body?: unknown) => {
    const address = control();
    const answer = await fetch(`http://${address}${path}`, {
      method,
      headers: controlHeaders(),
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      const reason = reasonOf((error as { cause?: unknown }).cause ?? error);
      throw new FaultlineError('DATA_PLANE_GONE', { control: address, reason });
    });
    // 401 would tell a browser that it is logged out here.
    if (answer.status === 401)
      throw new FaultlineError('DATA_PLANE_GONE', {
        control: address,
        reason: 'it asks for another control token',
      });
    const text = await answer.text();
    return reply
      .code(answer.status)
      .type('application/json')
      .send(text === '' ? '{}' : text);
  };

  app.get(
    '/api/toxics',
    {
      schema: {
        summary:
          'Kinds of toxics that can be put by hand, with all their attributes as they are unless told.',
      },
    },
    async () => ({ toxics: MANUAL }),
  );
  app.get(
    '/api/proxies',
    { schema: { summary: 'Proxies of the data plane, with their manual toxics.' } },
    (request, reply) => {
      // A data plane that a run has started has the proxies of its experiment.
      if (gameDays.blinds(request.principal))
        throw new FaultlineError('NOT_NOW', {
          act: 'The list of proxies',
          why: 'a blind item of a game day is under way',
        });
      return pass(reply, 'GET', '/proxies');
    },
  );
  app.post<{ Params: z.infer<typeof byName>; Body: z.infer<typeof toxic> }>(
    '/api/proxies/:name/toxics',
    {
      schema: {
        summary: 'Put a toxic on a proxy by hand; it stays until it is taken back.',
        params: byName,
        body: toxic,
      },
    },
    ({ params, body }, reply) =>
      pass(reply, 'POST', `/proxies/${encodeURIComponent(params.name)}/toxics`, body),
  );
  app.delete<{ Params: z.infer<typeof byToxic> }>(
    '/api/proxies/:name/toxics/:toxic',
    { config: { takesBack: true }, schema: { summary: 'Take a manual toxic back.', params: byToxic } },
    ({ params }, reply) =>
      pass(
        reply,
        'DELETE',
        `/proxies/${encodeURIComponent(params.name)}/toxics/${encodeURIComponent(params.toxic)}`,
      ),
  );
}
