import type { FastifyRequest } from 'fastify';

/** Who asks, for the record. */
export function whoOf({ principal }: FastifyRequest): string {
  return principal.name;
}
