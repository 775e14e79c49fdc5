import type { FastifyRequest } from 'fastify';
import { NOBODY } from '../guards/roles.ts';

/** Who asks, for the record. */
export function whoOf({ principal }: FastifyRequest): string {
  return principal.name;
}

/** Who has shown no credentials where they are needed. */
export function isStranger({ principal }: FastifyRequest): boolean {
  return principal === NOBODY;
}
