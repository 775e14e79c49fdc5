import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type JournalEvent, ROLLBACK_CAUSES } from '../../core/journal.ts';
import { BOUND_NAMES } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { VERDICTS } from '../../core/verdict.ts';
import type { Notifier } from '../../notify/index.ts';
import type { OccurrenceRecord, Schedule } from '../../schedule/contract.ts';
import type { FollowedRun } from '../runs/followed.ts';
import type { RunLauncher } from '../runs/launcher.ts';
import { addLiveMetrics } from './live-metrics.ts';

export interface MetricsSource {
  readonly launcher: RunLauncher;
  /** Runs of a blind item: metrics are read by those who are to be blind, and tell of it when it is over. */
  readonly gameDays: { hidesFromSome(run: string): boolean };
  readonly notifier: Notifier;
  readonly leads: boolean;
  readonly degraded: readonly string[];
  readonly audit: { head(): { readonly n: number } };
}

/** What may become of an occurrence once it was claimed. */
const OUTCOMES = ['started', 'ended', 'skipped', 'missed'] as const;

/** Metrics of the control plane: what runs have come to, and how those stand that go on. */
export class ControlMetrics {
  readonly #registry = new Registry();
  readonly #source: MetricsSource;
  /** What is to be counted of runs that are hidden. */
  readonly #hidden = new Map<string, (() => void)[]>();
  readonly #started = this.#counter('faultline_runs_started_total', 'Runs that began.', ['experiment']);
  readonly #ended = this.#counter('faultline_runs_ended_total', 'Runs that ended.', [
    'experiment',
    'verdict',
  ]);
  readonly #breaches = this.#counter('faultline_run_breaches_total', 'Breaches of safety limits.', [
    'experiment',
    'limit',
  ]);
  readonly #rollbacks = this.#counter('faultline_run_rollbacks_total', 'Rollbacks, by what asked for them.', [
    'experiment',
    'cause',
  ]);
  readonly #proofs = this.#counter(
    'faultline_run_rollback_proofs_total',
    'Rollbacks, by whether they were proven.',
    ['experiment', 'proven'],
  );
  readonly #occurrences = this.#counter(
    'faultline_schedule_occurrences_total',
    'What became of occurrences.',
    ['schedule', 'state'],
  );
  readonly #recovery = this.#gauge(
    'faultline_run_recovery_seconds',
    'How long the system took to recover after the last rollback.',
    ['experiment'],
  );

  constructor(source: MetricsSource) {
    this.#source = source;
    collectDefaultMetrics({ register: this.#registry });
    addLiveMetrics(this.#registry, {
      running: () => source.launcher.running().filter(({ id }) => !source.gameDays.hidesFromSome(id)),
    });
    this.#addOwn(source);
    void this.#introduceKnown();
    this.#source.launcher.on('event', this.#take);
    this.#source.launcher.on('ended', this.#end);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    for (const run of [...this.#hidden.keys()]) this.#unveil(run);
    return this.#registry.metrics();
  }

  /** Their occurrences are counted from 0. */
  introduce(schedules: readonly Schedule[]): void {
    for (const { name: schedule } of schedules)
      for (const state of OUTCOMES) this.#occurrences.inc({ schedule, state }, 0);
  }

  scheduled({ schedule, state }: OccurrenceRecord): void {
    if (state !== 'claimed') this.#occurrences.inc({ schedule, state });
  }

  close(): void {
    this.#source.launcher.off('event', this.#take);
    this.#source.launcher.off('ended', this.#end);
  }

  /** Counts at once, or when the run is hidden no more. */
  #count(run: string, count: () => void): void {
    this.#hidden.set(run, [...(this.#hidden.get(run) ?? []), count]);
    this.#unveil(run);
  }

  #unveil(run: string): void {
    if (this.#source.gameDays.hidesFromSome(run)) return;
    for (const count of this.#hidden.get(run) ?? []) count();
    this.#hidden.delete(run);
  }

  readonly #take = (run: FollowedRun, event: JournalEvent): void => {
    // Samples come many times a second and are counted nowhere.
    if (event.type !== 'sample' && event.type !== 'observation')
      this.#count(run.id, () => this.#tally(run, event));
  };

  #tally(run: FollowedRun, event: JournalEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#introduce(event.plan.name, event.plan);
        this.#started.inc({ experiment: event.plan.name });
        break;
      case 'breach':
        this.#breaches.inc({ experiment: experimentOf(run), limit: event.rule.text });
        break;
      case 'bound-breached':
        this.#breaches.inc({ experiment: experimentOf(run), limit: event.limit });
        break;
      case 'rollback-started':
        this.#rollbacks.inc({ experiment: experimentOf(run), cause: event.cause });
        break;
      case 'rollback-proof':
        this.#proofs.inc({ experiment: experimentOf(run), proven: String(event.proof.proven) });
        break;
      case 'recovery':
        if (event.afterMs !== null)
          this.#recovery.set({ experiment: experimentOf(run) }, event.afterMs / 1000);
        break;
    }
  }

  readonly #end = async (run: FollowedRun): Promise<void> => {
    const { verdict } = await run.ended;
    this.#count(run.id, () => this.#ended.inc({ experiment: experimentOf(run), verdict }));
  };

  async #introduceKnown(): Promise<void> {
    // Whoever asks for the experiments is told why there are none.
    const known = await this.#source.launcher.experiments().catch(() => []);
    for (const { name, problems } of known) if (problems.length === 0) this.#introduce(name);
  }

  /** A counter that is first seen at 1 has not grown, as Prometheus sees it: each is there before it counts. */
  #introduce(experiment: string, plan?: Plan): void {
    this.#started.inc({ experiment }, 0);
    for (const verdict of VERDICTS) this.#ended.inc({ experiment, verdict }, 0);
    for (const cause of ROLLBACK_CAUSES) this.#rollbacks.inc({ experiment, cause }, 0);
    for (const proven of ['true', 'false']) this.#proofs.inc({ experiment, proven }, 0);
    const limits = [...BOUND_NAMES, ...(plan?.abortWhen ?? []).map(({ text }) => text)];
    for (const limit of limits) this.#breaches.inc({ experiment, limit }, 0);
  }

  #addOwn(source: MetricsSource): void {
    const { notifier } = source;
    this.#filled('faultline_controller_leads', 'Whether this controller plays the schedules.', [], (gauge) =>
      gauge.set(Number(source.leads)),
    );
    this.#filled('faultline_controller_degraded', 'Things that this controller cannot do now.', [], (gauge) =>
      gauge.set(source.degraded.length),
    );
    this.#filled(
      'faultline_audit_log_entries',
      'Entries of the audit log; where it falls, its end was cut off.',
      [],
      (gauge) => {
        gauge.reset();
        try {
          gauge.set(source.audit.head().n);
        } catch {
          // Whoever acts is told that it cannot be read.
        }
      },
    );
    this.#registry.registerMetric(
      new Counter({
        name: 'faultline_notifications_total',
        help: 'What became of notices of schedules and the kill switch, by channel; runs tell of themselves.',
        labelNames: ['channel', 'kind', 'outcome'],
        registers: [],
        collect() {
          this.reset();
          for (const { channel, counts } of notifier.counts())
            for (const [outcome, count] of Object.entries(counts))
              this.inc({ channel: channel.name, kind: channel.kind, outcome }, count);
        },
      }),
    );
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labelNames: readonly string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #filled(name: string, help: string, labelNames: readonly string[], fill: (gauge: Gauge) => void): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        fill(this);
      },
    });
  }
}

function experimentOf({ progress }: FollowedRun): string {
  return progress.plan?.name ?? '';
}
