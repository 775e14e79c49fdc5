import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../core/clock.ts';
import type { Halt } from '../core/halt.ts';
import type { SafetyLimits } from '../core/limits.ts';
import { discreetReasonOf } from '../core/reason.ts';
import { runsFolder } from '../experiments/journal/index.ts';
import { type Channel, createNotifier, haltNotice, type Notifier, scheduleNotice } from '../notify/index.ts';
import { killSwitch } from '../safety/kill-switch.ts';
import { loadLimits } from '../safety/limits/index.ts';
import { closedBecause } from '../safety/limits/open.ts';
import { readStopFile } from '../safety/stop-file.ts';
import type { ScheduleStore } from '../schedule/contract.ts';
import { fileScheduleBook } from '../schedule/file-book.ts';
import { fileScheduleStore } from '../schedule/file-store.ts';
import { heard } from '../schedule/heard.ts';
import type { Outcome } from '../schedule/scheduled.ts';
import { createScheduler, type Scheduler } from '../schedule/scheduler.ts';
import { Database } from './database/database.ts';
import { ALONE, contend, type Leadership } from './database/leadership.ts';
import { databaseScheduleBook } from './database/schedule-book.ts';
import { databaseScheduleStore } from './database/schedule-store.ts';
import { GameDays } from './gamedays.ts';
import { AuditLog, auditFile } from './guards/audit-log.ts';
import type { History } from './history/contract.ts';
import { databaseHistory } from './history/database.ts';
import { fileHistory } from './history/files.ts';
import { ControlMetrics } from './live/metrics.ts';
import { RunLauncher } from './runs/launcher.ts';
import { ScheduleFile } from './schedules/file.ts';
import { Schedules } from './schedules/index.ts';

export interface ControllerOptions {
  /** Where `.faultline` lies. */
  readonly cwd: string;
  readonly experiments: string;
  readonly limits?: string;
  /** Program and first arguments that run this same Faultline. */
  readonly command: readonly string[];
  /** File of schedules; by default `schedules.yaml`, where there is one. */
  readonly schedules?: string;
  /** Postgres that several controllers share. */
  readonly database?: string;
  /** By default the host's name and a few random letters. */
  readonly name?: string;
  /** File of notifications; the runs that are started get it too. */
  readonly notify?: string;
  /** Who is told of schedules that did not start and of the kill switch; runs tell of themselves. */
  readonly channels: readonly Channel[];
  readonly log: (line: string) => void;
}

/** How often runs are looked for that were started by hand or before a restart. */
const DISCOVER_MS = 2000;

/** Longer than its steps may take, a run measures its baseline before them and its recovery after. */
const AROUND_STEPS_MS = 60 * 60_000;

/** How long what was told last may take to arrive. */
const LAST_MS = 3000;

/** All that the control plane holds: what runs, what ran, what is to run. */
export class Controller {
  readonly name: string;
  readonly cwd: string;
  readonly command: readonly string[];
  readonly launcher: RunLauncher;
  readonly gameDays: GameDays;
  readonly history: History;
  readonly store: ScheduleStore;
  readonly notifier: Notifier;
  readonly metrics: ControlMetrics;
  readonly audit: AuditLog;
  readonly shelf: { readonly folder: string; readonly limits?: string; readonly cwd: string };
  readonly schedules: Schedules;
  readonly #scheduler: Scheduler;
  readonly #database: Database | undefined;
  readonly #leadership: Leadership;
  readonly #options: ControllerOptions;
  readonly #discovering: NodeJS.Timeout;
  #trouble: string | undefined;
  /** The kill switch as it was last seen; null where it was off, undefined before the first look. */
  #halt: Halt | null | undefined;

  /** @throws as the file of schedules does */
  constructor(options: ControllerOptions) {
    this.#options = options;
    this.cwd = options.cwd;
    this.command = options.command;
    this.name = options.name ?? `${hostname()}-${randomBytes(2).toString('hex')}`;
    this.shelf = {
      folder: resolve(options.cwd, options.experiments),
      limits: options.limits,
      cwd: options.cwd,
    };
    const schedules = new ScheduleFile(this.shelf, options.schedules);
    schedules.open();
    this.launcher = new RunLauncher({
      ...this.shelf,
      command: options.command,
      notify: options.notify,
    });
    this.notifier = createNotifier(options.channels, options.log);
    this.gameDays = new GameDays(this.shelf, this.launcher);
    this.audit = new AuditLog(auditFile(options.cwd));
    this.metrics = new ControlMetrics(this);
    const runs = runsFolder(options.cwd);
    const local = fileHistory(runs, this.name);
    this.#database = options.database === undefined ? undefined : new Database(options.database);
    this.history = this.#database ? databaseHistory(this.#database, local, runs, this.name) : local;
    const kept = resolve(options.cwd, '.faultline', 'schedules');
    const store = this.#database ? databaseScheduleStore(this.#database, this.name) : fileScheduleStore(kept);
    this.store = heard(store, (entry) => {
      this.metrics.scheduled(entry);
      const notice = scheduleNotice(entry);
      if (notice) this.notifier.tell(notice);
    });
    this.#scheduler = createScheduler({
      clock: systemClock,
      store: this.store,
      launcher: this.launcher,
      closed: (wallMs) => this.closed(wallMs),
      outcomeOf: (run, startedMs) => this.#outcomeOf(run, startedMs),
      onLook: (trouble) => this.#looked(trouble),
    });
    this.schedules = new Schedules({
      file: schedules,
      book: this.#database ? databaseScheduleBook(this.#database) : fileScheduleBook(kept),
      onChange: (all) => {
        this.#scheduler.set(all);
        this.metrics.introduce(all);
      },
      log: options.log,
    });
    this.#leadership = this.#database ? contend(this.#database, (leads) => this.#lead(leads)) : ALONE;
    if (!this.#database) this.#lead(true);
    this.launcher.discover();
    this.gameDays.resume();
    this.#discovering = setInterval(() => {
      this.launcher.discover();
      this.gameDays.resume();
      void this.#lookForHalt();
    }, DISCOVER_MS);
    void this.#lookForHalt();
  }

  get leads(): boolean {
    return this.#leadership.leads;
  }

  /** What it cannot do now, in sentences; none when all is well. */
  get degraded(): readonly string[] {
    const { history, audit, launcher, schedules } = this;
    const own = [history.degraded, this.#trouble, audit.trouble];
    return [...own, ...launcher.troubles, ...schedules.degraded].filter((one) => one !== undefined);
  }

  limits(): SafetyLimits {
    return loadLimits({ file: this.#options.limits, folder: this.shelf.folder, cwd: this.cwd });
  }

  /** Why nothing may start at this time, in a sentence without a full stop. */
  async closed(wallMs: number): Promise<string | undefined> {
    const limits = this.limits();
    return (
      closedBecause(limits, wallMs) ?? (await killSwitch({ stopFile: resolve(this.cwd, limits.stopFile) }))
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#discovering);
    await this.schedules.close();
    this.#scheduler.stop();
    this.gameDays.close();
    this.launcher.close();
    this.metrics.close();
    await this.#leadership.close();
    await this.history.close();
    await this.#database?.close();
    await this.notifier.close(LAST_MS);
  }

  #lead(leads: boolean): void {
    this.#options.log(
      leads ? 'this controller plays the schedules' : 'another controller plays the schedules',
    );
    this.#trouble = undefined;
    if (!leads) {
      this.#scheduler.stop();
      return;
    }
    // What others have said since the last look is in force from the first occurrence on.
    this.launcher.discover();
    void this.schedules.refresh().then(() => {
      if (this.leads) this.#scheduler.start();
    });
  }

  #looked(trouble: unknown): void {
    const before = this.#trouble;
    this.#trouble =
      trouble === undefined ? undefined : `the schedules cannot be played: ${discreetReasonOf(trouble)}`;
    if (this.#trouble === before) return;
    this.#options.log(this.#trouble ?? 'the schedules are played again');
  }

  /** Told whoever throws it, and by whatever way. */
  async #lookForHalt(): Promise<void> {
    const before = this.#halt;
    try {
      this.#halt = (await readStopFile(resolve(this.cwd, this.limits().stopFile))) ?? null;
    } catch {
      // Whether it is on cannot be told; runs take that for a yes.
      return;
    }
    if (before === undefined || before?.since === this.#halt?.since) return;
    this.notifier.tell(haltNotice(this.#halt ?? undefined, new Date().toISOString()));
  }

  async #outcomeOf(run: string, startedMs: number): Promise<Outcome> {
    const verdict = (await this.history.summary(run))?.verdict;
    if (!verdict || verdict.exit === null || verdict.outcome === 'unfinished')
      return this.#mayGoOn(run, startedMs) ? 'goes on' : undefined;
    const { outcome, exit, sentence } = verdict;
    return { verdict: outcome === 'refused' ? 'inconclusive' : outcome, exit, sentence };
  }

  /** Of another controller's run nothing is known before it is over; one here that was abandoned is about to be ended. */
  #mayGoOn(run: string, startedMs: number): boolean {
    if (!this.#database && !existsSync(join(runsFolder(this.cwd), run))) return false;
    return Date.now() - startedMs < this.limits().reach.durationMs + AROUND_STEPS_MS;
  }
}
