import { BrokenCircuitError, TaskCancelledError } from 'cockatiel';
import { APIError } from 'openai';

/** An AI call that lasted too long. */
export class TimedOut extends Error {}

/** An answer that ended without saying that it is whole. */
export class Truncated extends Error {}

/** Why an attempt failed, as metrics show it: an HTTP status or a word. */
export function causeOf(error: unknown): number | string {
  if (error instanceof APIError && error.status !== undefined) return error.status;
  if (error instanceof TimedOut || error instanceof TaskCancelledError) return 'timeout';
  if (error instanceof Error && error.name === 'AbortError') return 'timeout';
  if (error instanceof BrokenCircuitError) return 'breaker';
  if (error instanceof Truncated) return 'truncated';
  if (error instanceof SyntaxError) return 'malformed';
  return 'connection';
}

/** Whether the same question may be answered later. */
export function mayPass(error: unknown): boolean {
  const cause = causeOf(error);
  return typeof cause === 'string' || cause >= 500 || cause === 408 || cause === 409 || cause === 429;
}
