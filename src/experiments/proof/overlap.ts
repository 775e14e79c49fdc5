import { firstOf, readJournal, runFolders, runsFolder } from '../journal/index.ts';

/** Of two runs in one folder, at most one may have faults in force at a time. */
export function overlapProblems(cwd: string): readonly string[] {
  const runs = runFolders(runsFolder(cwd)).map(spanOf);
  const injecting = runs.filter((span) => span !== undefined).sort((left, right) => left.from - right.from);
  const overlaps = injecting.some((span, index) => index > 0 && span.from < injecting[index - 1]!.to);
  return overlaps ? ['two runs had faults in force at the same time'] : [];
}

function spanOf(folder: string): { readonly from: number; readonly to: number } | undefined {
  const events = readJournal(folder);
  const intended = firstOf(events, 'step-intended');
  if (!intended) return undefined;
  const emptied = firstOf(events, 'rollback-emptied');
  return {
    from: Date.parse(intended.t),
    to: emptied ? Date.parse(emptied.t) : Number.POSITIVE_INFINITY,
  };
}
