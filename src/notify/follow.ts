import type { JournalEvent, Owner } from '../core/journal.ts';
import { reasonOf } from '../core/reason.ts';
import { isGone } from '../drivers/process.ts';
import { followJournal, runOf } from '../experiments/journal/index.ts';
import type { Notifier } from './notifier.ts';
import { RunNotices } from './run-notices.ts';
import { traceOf } from './traces/trace.ts';
import { blindness, endsBlindness, veiledNotice } from './veil.ts';

/** Looks in a row at a journal that does not end although its process is gone. */
const LAST_LOOKS = 5;

/** What comes many times a second and is no part of a trace. */
const BULKY: ReadonlySet<string> = new Set(['sample', 'observation', 'renewed', 'evidence']);

export interface FollowOptions {
  /** The run's folder. */
  readonly folder: string;
  readonly notifier: Notifier;
  /** Export its trace at the end. */
  readonly traces: boolean;
  readonly version: string;
  readonly log: (line: string) => void;
}

/**
 * Tells of a run as its journal grows, until it ends or its process is gone. Reads the journal alone: nothing that happens here
 * reaches the run.
 */
export async function followRun({ folder, notifier, traces, version, log }: FollowOptions): Promise<void> {
  const notices = new RunNotices();
  const kept: JournalEvent[] = [];
  let owner: Owner | undefined;
  let looks = 0;
  let blind = () => false;
  let hidden = false;
  const take = (events: readonly JournalEvent[]) => {
    for (const event of events) {
      if (event.type === 'run-started') {
        owner = event.owner;
        blind = blindness(folder, event);
      }
      if (traces && !BULKY.has(event.type)) kept.push(event);
      const notice = notices.take(event);
      if (!notice) continue;
      hidden = !endsBlindness(notice) && blind();
      notifier.tell(hidden ? veiledNotice(notice) : notice);
    }
    if (notices.ended) return false;
    looks = owner && isGone(owner) ? looks + 1 : 0;
    return looks < LAST_LOOKS;
  };
  await followJournal(folder, take, new AbortController().signal);
  const lost = notices.lost(new Date().toISOString());
  if (lost) notifier.tell(lost);
  if (!traces || (hidden && !lost)) return;
  try {
    const trace = traceOf(kept);
    // OpenTelemetry is loaded only where it is wanted.
    if (trace) await (await import('./traces/export.ts')).exportTrace(runOf(folder), trace, version);
  } catch (error) {
    log(`the trace was not taken: ${(error as { code?: string }).code ?? reasonOf(error)}`);
  }
}
