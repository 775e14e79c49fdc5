import { haltedError } from '../../../core/errors.ts';
import type { ProxyDeclaration } from '../../../core/protocol.ts';
import type { DataPlane, ProxyHandle } from '../../contract.ts';
import { readBody } from '../body.ts';
import { parameter, type RouteTable } from '../routes.ts';
import { describe, missingField, proxyExists, proxyNotFound } from './errors.ts';
import {
  declarationOf,
  type NewProxy,
  newProxiesSchema,
  newProxySchema,
  proxyChangeSchema,
  proxyView,
} from './objects.ts';
import { sameListen } from './same-listen.ts';

/** Proxies: to list, make, change, remove, populate and reset them. Changes happen one after another. */
export function proxyRoutes(plane: DataPlane): RouteTable {
  const inTurn = turns();

  return {
    '/proxies': {
      GET: () => Object.fromEntries(plane.proxies().map((proxy) => [proxy.name, proxyView(proxy)])),
      POST: (request, reply) => {
        const asked = readBody(request.body, newProxySchema);
        requireFields(asked, '');
        return inTurn(async () => {
          if (plane.proxy(asked.name)) throw proxyExists();
          refuseDisableWhileHalted(asked.enabled);
          return reply.code(201).send(proxyView(await plane.addProxy(declarationOf(asked), asked.enabled)));
        });
      },
    },
    '/proxies/:proxy': {
      GET: (request) => proxyView(proxyOf(parameter(request, 'proxy'))),
      POST: update,
      PATCH: update,
      DELETE: (request, reply) =>
        inTurn(async () => {
          await plane.removeProxy(proxyOf(parameter(request, 'proxy')).name);
          return reply.code(204).send();
        }),
    },
    '/populate': {
      POST: (request, reply) =>
        inTurn(async () => {
          const proxies: ProxyHandle[] = [];
          try {
            const asked = readBody(request.body, newProxiesSchema);
            asked.forEach((proxy, index) => {
              requireFields(proxy, ` at proxy ${index + 1}`);
            });
            for (const proxy of asked) proxies.push(await addOrReplace(proxy));
            return reply.code(201).send({ proxies: proxies.map(proxyView) });
          } catch (error) {
            const answer = describe(error);
            return reply.code(answer.status).send({ ...answer, proxies: proxies.map(proxyView) });
          }
        }),
    },
    '/reset': {
      POST: (_, reply) =>
        inTurn(async () => {
          for (const proxy of plane.proxies()) {
            if (!proxy.enabled) await proxy.enable();
            for (const { name } of proxy.toxics) proxy.removeToxic(name);
          }
          return reply.code(204).send();
        }),
    },
  };

  function proxyOf(name: string): ProxyHandle {
    const proxy = plane.proxy(name);
    if (!proxy) throw proxyNotFound();
    return proxy;
  }

  function update(request: Parameters<typeof parameter>[0]) {
    return inTurn(async () => {
      const proxy = proxyOf(parameter(request, 'proxy'));
      const { listen, upstream, enabled } = readBody(request.body, proxyChangeSchema);
      refuseDisableWhileHalted(enabled);
      if (enabled === false && proxy.enabled) await proxy.disable();
      const change = {
        ...(listen !== undefined && !(await sameListen(proxy.declaration.listen, listen)) ? { listen } : {}),
        ...(upstream !== undefined && upstream !== proxy.declaration.upstream ? { upstream } : {}),
      };
      if (Object.keys(change).length > 0) await proxy.update(change);
      if (enabled === true && !proxy.enabled) await proxy.enable();
      return proxyView(proxy);
    });
  }

  /** What is already there with the same address and upstream stays as it is, toxics and all. */
  async function addOrReplace(asked: NewProxy): Promise<ProxyHandle> {
    const present = plane.proxy(asked.name);
    const declaration = declarationOf(asked);
    if (present && (await sameProxy(present.declaration, declaration))) return present;
    refuseDisableWhileHalted(asked.enabled);
    if (!present) return plane.addProxy(declaration, asked.enabled);
    const { declaration: before, toxics } = present;
    await plane.removeProxy(asked.name);
    try {
      return await plane.addProxy(declaration, asked.enabled);
    } catch (error) {
      const restored = await plane.addProxy(before, false);
      for (const toxic of toxics) restored.addToxic(toxic);
      throw error;
    }
  }

  /** A disabled proxy is an outage, so a halt refuses it like any toxic. */
  function refuseDisableWhileHalted(enabled: boolean | undefined): void {
    const { halted } = plane.state();
    if (enabled === false && halted) throw haltedError(halted);
  }
}

function requireFields(proxy: NewProxy, where: string): void {
  if (proxy.name === '') throw missingField(`name${where}`);
  if (proxy.upstream === '') throw missingField(`upstream${where}`);
}

async function sameProxy(present: ProxyDeclaration, asked: ProxyDeclaration): Promise<boolean> {
  return (
    present.upstream === asked.upstream &&
    present.protocol === asked.protocol &&
    JSON.stringify(present.tls) === JSON.stringify(asked.tls) &&
    JSON.stringify(present.addresses) === JSON.stringify(asked.addresses) &&
    (await sameListen(present.listen, asked.listen))
  );
}

/** Runs what it is given one at a time, in the order of asking. */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}
