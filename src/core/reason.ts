/** What went wrong, in the words of whoever threw it. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code where there is one: a message may quote the address, the user or what a statement held. */
export function discreetReasonOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : reasonOf(error).slice(0, 100);
}
