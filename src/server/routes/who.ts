import type { FastifyRequest } from 'fastify';

/** Who asks, for the record. */
export function whoOf(_request: FastifyRequest): string {
  return 'local';
}
