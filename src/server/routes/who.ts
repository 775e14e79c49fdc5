import type { FastifyRequest } from 'fastify';
import { NOBODY } from '../guards/roles.ts';

/** Who asks, for the record. */
export function whoOf({ principal }: FastifyRequest): string {
  return principal.name;
}

/** Who may only look is not told what a blind item of a game day does. */
export function isObserver({ principal }: FastifyRequest): boolean {
  return principal.role === 'viewer';
}

/** Who has shown no credentials where they are needed. */
export function isStranger({ principal }: FastifyRequest): boolean {
  return principal === NOBODY;
}
