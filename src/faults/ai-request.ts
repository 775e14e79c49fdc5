import type { Attributes } from '../core/fault.ts';
import type { AnswerRequest } from '../protocols/http/providers/contract.ts';
import type { HttpContext } from './contract.ts';

/** A request as a provider's answers depend on it. */
export function answerRequest(context: HttpContext<Attributes>): AnswerRequest {
  const { model, path, streaming, array, usage } = context.request;
  return { model, path, streaming, array, usage, wall: context.clock.wall(), random: () => context.random() };
}
