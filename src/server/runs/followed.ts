import type { JournalEvent, Owner } from '../../core/journal.ts';
import type { LaunchEnd, LaunchedRun } from '../../core/launch.ts';
import type { Observation } from '../../core/observation.ts';
import type { Sample } from '../../core/ports.ts';
import { EXIT } from '../../core/verdict.ts';
import { isGone } from '../../drivers/process.ts';
import { followJournal } from '../../experiments/journal/index.ts';
import { RunProgress } from '../../experiments/progress.ts';
import { Timeline } from '../live/timeline.ts';

/** Looks in a row at a journal that does not end although its process is gone: then it is abandoned. */
const LAST_LOOKS = 5;
/** Ten minutes of a probe that measures four times a second. */
const MOST_SAMPLES = 2400;

export type StopRun = (reason: string, by: string, owner: Owner | undefined) => void;

/**
 * A run that this controller watches: its own, or one that it found under way. An abandoned one is watched on, until whoever ends it
 * has written its end.
 */
export class FollowedRun implements LaunchedRun {
  readonly id: string;
  readonly folder: string;
  readonly progress = new RunProgress();
  readonly timeline = new Timeline();
  readonly ended: Promise<LaunchEnd>;
  /** Its first event was read. */
  readonly began: Promise<void>;
  #begin: () => void = () => {};
  #abandon: () => void = () => {};
  #finish: (end: LaunchEnd) => void = () => {};
  /** Its process has gone without an end in its journal. */
  readonly abandoned: Promise<void>;
  #stop: StopRun;
  readonly #listeners = new Set<(event: JournalEvent) => void>();
  readonly #events: JournalEvent[] = [];
  readonly #ending = new AbortController();
  /** Who started it, where that is known. */
  by: string | undefined;
  /** The newest one. */
  observation: Observation | undefined;
  lease: { readonly ms: number; readonly renewedAt: number } | undefined;
  /** The newest of each probe, for a viewer who joins late. */
  readonly samples = new Map<string, (readonly [mono: number, sample: Sample])[]>();
  /** When its newest event was read, wall clock in ms. */
  heardAt = Date.now();
  #owner: Owner | undefined;
  #looksAfterEnd = 0;
  #end: LaunchEnd | undefined;

  /** @param stop asks its process to end it */
  constructor(id: string, folder: string, stop: StopRun) {
    this.id = id;
    this.folder = folder;
    this.#stop = stop;
    this.began = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.abandoned = new Promise((resolve) => {
      this.#abandon = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    void followJournal(folder, (events) => this.#take(events), this.#ending.signal);
  }

  /** Another way to ask its process: whoever has started it has a better one than whoever has only found it. */
  stopsBy(stop: StopRun): void {
    this.#stop = stop;
  }

  /** It has no end, and will have none. */
  lose(sentence: string): void {
    this.#ending.abort();
    this.#end = { verdict: 'inconclusive', exit: EXIT.inconclusive, sentence };
    this.#finish(this.#end);
  }

  get over(): boolean {
    return this.#end !== undefined;
  }

  get end(): LaunchEnd | undefined {
    return this.#end;
  }

  follow(listener: (event: JournalEvent) => void): () => void {
    for (const event of this.#events) listener(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(reason: string, by: string): void {
    this.#stop(reason, by, this.#owner);
  }

  /** Stops watching; the run goes on. */
  leave(): void {
    this.#ending.abort();
  }

  #note(event: JournalEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#owner = event.owner;
        this.by = event.by;
        break;
      case 'sample': {
        const kept = this.samples.get(event.sample.probe) ?? [];
        kept.push([event.mono, event.sample]);
        if (kept.length > MOST_SAMPLES) kept.shift();
        this.samples.set(event.sample.probe, kept);
        break;
      }
      case 'observation':
        this.observation = event.observation;
        break;
      case 'step-intended':
        if (event.leaseMs !== undefined) this.lease = { ms: event.leaseMs, renewedAt: event.mono };
        break;
      case 'renewed':
        if (this.lease) this.lease = { ...this.lease, renewedAt: event.mono };
        break;
      case 'rollback-emptied':
        this.lease = undefined;
        break;
      case 'run-ended':
        this.#end = { verdict: event.verdict, exit: event.exit, sentence: event.sentence };
        break;
    }
  }

  #take(events: readonly JournalEvent[]): boolean {
    for (const event of events) {
      this.#note(event);
      this.#begin();
      this.progress.take(event);
      this.timeline.take(event);
      this.heardAt = Date.now();
      // Samples come many times a second and are in the progress; a listener that joins late needs only what happened.
      if (event.type !== 'sample' && event.type !== 'observation') this.#events.push(event);
      for (const listener of this.#listeners) listener(event);
    }
    if (this.#end) {
      this.#finish(this.#end);
      return false;
    }
    this.#looksAfterEnd = this.#owner && isGone(this.#owner) ? this.#looksAfterEnd + 1 : 0;
    if (this.#looksAfterEnd === LAST_LOOKS) this.#abandon();
    return true;
  }
}
