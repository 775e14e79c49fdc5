/** What went wrong, in the words of whoever threw it. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code where there is one: the message of a system or a database may quote its address, its user or what a statement held. */
export function discreetReasonOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  // Sentences of the table quote nothing of the kind.
  if (name === 'FaultlineError') return reasonOf(error).replace(/\.$/, '');
  return typeof code === 'string' ? code : reasonOf(error).slice(0, 100);
}
