import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number];

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;
/** What each path answers, by method. */
export type RouteTable = Readonly<Record<string, Partial<Record<Method, Handler>>>>;

export function addRoutes(app: FastifyInstance, table: RouteTable): void {
  for (const [url, handlers] of Object.entries(table)) {
    for (const [method, handler] of Object.entries(handlers)) {
      app.route({
        method: method as Method,
        url: withoutEmpty(url),
        handler: async (request, reply) => handler(request, reply),
      });
    }
  }
}

/** Answers every other method of the tables' paths with 405 and no body. */
export function refuseOtherMethods(app: FastifyInstance, ...tables: readonly RouteTable[]): void {
  for (const [url, handlers] of tables.flatMap((table) => Object.entries(table))) {
    const allow = Object.keys(handlers).join(', ');
    app.route({
      method: METHODS.filter((method) => !(method in handlers)),
      url: withoutEmpty(url),
      handler: (_, reply) => reply.code(405).header('allow', allow).send(),
    });
  }
}

/** A parameter of a path stands for at least one character. */
function withoutEmpty(url: string): string {
  return url.replace(/:\w+/g, '$&(^.+$)');
}

/** A decoded path parameter. */
export function parameter(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name]!;
}
