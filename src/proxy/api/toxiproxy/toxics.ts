import type { z } from 'zod';
import type { Attributes } from '../../../core/fault.ts';
import type { AnyFault } from '../../../faults/contract.ts';
import { FAULTS } from '../../../faults/index.ts';
import type { DataPlane, ManualToxic, ProxyHandle } from '../../contract.ts';
import { defaultStream } from '../../manual-toxics.ts';
import { BadBody, describeIssues, readBody } from '../body.ts';
import { parameter, type RouteTable } from '../routes.ts';
import {
  invalidStream,
  invalidToxicType,
  proxyNotFound,
  ToxiproxyError,
  toxicExists,
  toxicNotFound,
} from './errors.ts';
import { inOwnCase, newToxicSchema, toxicChangeSchema, toxicsView, toxicView } from './objects.ts';

/** Toxics of a proxy. All of it is synchronous: no call waits for a connection, so removing a toxic never hangs. */
export function toxicRoutes(plane: DataPlane): RouteTable {
  const proxyOf = (name: string): ProxyHandle => {
    const proxy = plane.proxy(name);
    if (!proxy) throw proxyNotFound();
    return proxy;
  };

  return {
    '/proxies/:proxy/toxics': {
      GET: (request) => toxicsView(proxyOf(parameter(request, 'proxy'))),
      POST: (request) => {
        const proxy = proxyOf(parameter(request, 'proxy'));
        const toxic = readToxic(request.body);
        if (proxy.toxics.some(({ name }) => name === toxic.name)) throw toxicExists();
        proxy.addToxic(withAttributes(toxic));
        return toxicView(toxicOf(proxy, toxic.name));
      },
    },
    '/proxies/:proxy/toxics/:toxic': {
      GET: (request) => toxicView(toxicOf(proxyOf(parameter(request, 'proxy')), parameter(request, 'toxic'))),
      POST: update,
      PATCH: update,
      DELETE: (request, reply) => {
        const proxy = proxyOf(parameter(request, 'proxy'));
        proxy.removeToxic(toxicOf(proxy, parameter(request, 'toxic')).name);
        return reply.code(204).send();
      },
    },
  };

  function update(request: Parameters<typeof parameter>[0]) {
    const proxy = proxyOf(parameter(request, 'proxy'));
    const toxic = toxicOf(proxy, parameter(request, 'toxic'));
    const change = readBody(request.body, toxicChangeSchema);
    const fault = FAULTS.get(toxic.type)!;
    const attributes = change.attributes && {
      ...toxic.attributes,
      ...inOwnCase(change.attributes, namesOf(fault)),
    };
    proxy.updateToxic(toxic.name, {
      ...(attributes ? { attributes: readAttributes(fault, attributes) } : {}),
      ...(change.toxicity === undefined ? {} : { toxicity: change.toxicity }),
    });
    return toxicView(toxicOf(proxy, toxic.name));
  }
}

interface ToxicRequest extends Omit<ManualToxic, 'attributes'> {
  readonly fault: AnyFault;
  readonly attributes: Readonly<Record<string, unknown>>;
}

function readToxic(body: unknown): ToxicRequest {
  const { name, type, stream, toxicity, attributes } = readBody(body, newToxicSchema);
  const asked = stream?.toLowerCase();
  if (asked !== undefined && asked !== 'upstream' && asked !== 'downstream') throw invalidStream();
  const fault = FAULTS.get(type);
  if (!fault?.manual) throw invalidToxicType();
  const chosen = asked ?? defaultStream(fault);
  if (!fault.streams.includes(chosen)) {
    throw new ToxiproxyError(400, `stream was invalid, ${type} acts on ${fault.streams.join(' and ')} only`);
  }
  return { name: name || `${type}_${stream ?? chosen}`, type, stream: chosen, toxicity, attributes, fault };
}

function withAttributes({ fault, attributes, ...toxic }: ToxicRequest): ManualToxic {
  return { ...toxic, attributes: readAttributes(fault, attributes) };
}

function toxicOf(proxy: ProxyHandle, name: string): ManualToxic {
  const toxic = proxy.toxics.find((candidate) => candidate.name === name);
  if (!toxic) throw toxicNotFound();
  return toxic;
}

/** Unknown attributes are passed over, as Toxiproxy does; wrong values are not. */
function readAttributes(fault: AnyFault, given: Readonly<Record<string, unknown>>): Attributes {
  const attributes = inOwnCase(given, namesOf(fault));
  let result = fault.attributes.safeParse(attributes);
  if (!result.success) {
    for (const name of unknownKeys(result.error)) delete attributes[name];
    result = fault.attributes.safeParse(attributes);
  }
  if (result.success) return result.data as Attributes;
  throw new BadBody(`attributes.${describeIssues(result.error)}`);
}

function namesOf(fault: AnyFault): readonly string[] {
  return Object.keys(fault.attributes.parse({}) as Attributes);
}

function unknownKeys(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
}
