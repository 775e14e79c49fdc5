import { join, relative, resolve } from 'node:path';
import { type Clock, systemClock } from '../core/clock.ts';
import { FaultlineError } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { EXIT, type ExitCode } from '../core/verdict.ts';
import { createRunFolder, readJournal, runOf } from '../experiments/journal/index.ts';
import { type RunOptions, runExperiment } from '../experiments/run.ts';
import { summarise, writeReports } from '../report/index.ts';
import { killSwitch } from '../safety/kill-switch.ts';
import type { Answer, Audit, Source, Told } from './contract.ts';
import { answerOfDeclarations } from './declarations.ts';
import { answersOfRun } from './experiment.ts';
import { assess, findingsOf, verdictOf } from './judge.ts';
import { type LoadOrder, type PlayLoad, toldByLoad, wasRefused } from './load.ts';
import { planPhases } from './phases.ts';
import { playCheck } from './play.ts';
import { writeAudit } from './record.ts';
import type { Suite, SuiteCheck, SuiteExperiment } from './suite.ts';

/** Where audits live below a working folder. */
function auditsFolder(cwd: string): string {
  return resolve(cwd, '.faultline', 'audits');
}

export interface AuditOptions extends Omit<RunOptions, 'plan' | 'limits'> {
  readonly suite: Suite;
  /** Plays load profiles; without it they are not assessed. */
  readonly playLoad?: PlayLoad;
  /** Before each part. */
  readonly onPart?: (source: Source) => void;
  /** After each part, with what it told in a sentence. */
  readonly onTold?: (source: Source, sentence: string) => void;
}

export interface AuditResult {
  readonly audit: Audit;
  readonly exit: ExitCode;
  readonly folder: string;
  /** Path of `audit.html`. */
  readonly report: string;
}

/**
 * Plays a suite: first its checks, then its load profiles, then its experiments, each by the same safety path as a run by
 * itself. What is known is written after every part. When `signal` aborts, the part under way ends (a run by its rollback)
 * and the audit says that it did not end.
 * @throws FaultlineError AUDIT_REFUSED before anything is asked; RUN_NOT_RECORDED where no folder can be made
 */
export async function runAudit(options: AuditOptions): Promise<AuditResult> {
  await refuse(options);
  const audit = new AuditRun(options);
  await audit.play();
  return audit.end();
}

/** An environment in which nothing may be injected is not asked either, and while a kill switch is on nobody is. */
async function refuse({ suite: { limits }, cwd }: AuditOptions): Promise<void> {
  const { name, allowed } = limits.environment;
  const halted = await killSwitch({ stopFile: resolve(cwd, limits.stopFile) });
  const reason = allowed.includes(name)
    ? halted
    : `environment "${name}" is not one of ${allowed.join(', ')}`;
  if (reason !== undefined) throw new FaultlineError('AUDIT_REFUSED', { reason });
}

class AuditRun {
  readonly #options: AuditOptions;
  readonly #clock: Clock;
  readonly #folder: string;
  readonly #startedAt: string;
  readonly #retest: string;
  readonly #answers: Answer[] = [];
  readonly #parts: Audit['parts'][number][] = [];
  readonly #alarms: string[] = [];
  readonly #exits = new Set<ExitCode>();
  #interrupted: string | null = 'it was killed, or is still under way';

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#folder = makeFolder(options, this.#clock);
    this.#startedAt = this.#now();
    this.#retest = `faultline audit ${options.suite.source.file}`;
  }

  async play(): Promise<void> {
    const { suite, signal } = this.#options;
    const parts = [
      () => this.#declarations(),
      ...suite.checks.map((check) => () => this.#check(check)),
      ...suite.load.map((order) => () => this.#load(order)),
      ...suite.experiments.map((experiment) => () => this.#experiment(experiment)),
    ];
    for (const [index, part] of parts.entries()) {
      if (signal.aborted) break;
      await part();
      if (index < parts.length - 1) this.#write();
    }
    this.#interrupted = signal.aborted ? whyStopped(signal) : null;
  }

  end(): AuditResult {
    const audit = this.#audit(this.#now());
    const report = writeAudit(this.#folder, audit);
    return { audit, exit: this.#exit(audit), folder: this.#folder, report };
  }

  async #declarations(): Promise<void> {
    const answer = answerOfDeclarations(this.#options.suite, this.#retest);
    const { length } = answer.flaws;
    await this.#part(answer.source, async () => ({
      answers: [answer],
      outcome: outcomeOf(length, false),
      sentence: sentenceOf(answer),
    }));
  }

  async #check(check: SuiteCheck): Promise<void> {
    const { suite, environment, signal } = this.#options;
    const source: Source = { kind: 'check', name: check.name };
    await this.#part(source, async () => {
      const { weak, refused, ...told } = await playCheck(check, {
        limits: suite.limits,
        folder: suite.folder,
        environment,
        signal,
      });
      if (refused) this.#exits.add(EXIT.refused);
      const answer = { check: check.answers, source, retest: this.#retest, settles: !weak, ...told };
      const outcome = outcomeOf(told.flaws.length, told.untold.length > 0);
      return { answers: [answer], outcome, sentence: sentenceOf(told) };
    });
  }

  async #load(order: LoadOrder): Promise<void> {
    const { playLoad, signal } = this.#options;
    const { profile } = order.spec.traffic;
    await this.#part({ kind: 'load', name: profile }, async () => {
      const played = await (playLoad ?? noLoad)(order, signal).catch((error: unknown) => {
        if (wasRefused(error)) this.#exits.add(EXIT.refused);
        return { failed: reasonOf(error) };
      });
      if ('failed' in played) {
        const told = { shown: [], flaws: [], untold: [played.failed] };
        return this.#loaded(order, told, { kind: 'load', name: profile }, 'not told', played.failed);
      }
      const { result, report } = played;
      const source: Source = { kind: 'load', name: profile, report: this.#from(report) };
      return this.#loaded(order, toldByLoad(result), source, result.verdict, result.sentence);
    });
  }

  #loaded({ answers }: LoadOrder, told: Told, source: Source, outcome: string, sentence: string) {
    const retest = this.#retest;
    const given = answers.map((check) => ({ check, source, retest, settles: true, ...told }));
    return { answers: given, outcome, sentence, source };
  }

  async #experiment({ plan, limits, answers }: SuiteExperiment): Promise<void> {
    const { suite: _, playLoad: __, onPart: ___, onTold: ____, ...run } = this.#options;
    await this.#part({ kind: 'experiment', name: plan.name }, async () => {
      const result = await runExperiment({ ...run, plan, limits });
      for (const { folder } of result.recovered) writeReports(folder);
      const report = this.#from(writeReports(result.folder).html);
      const source: Source = { kind: 'experiment', name: plan.name, report };
      this.#exits.add(result.exit);
      if (result.exit === EXIT.rollbackNotProven) this.#alarms.push(`${plan.name}: ${result.sentence}`);
      const summary = summarise(readJournal(result.folder));
      const retest = `faultline run ${plan.source.file}`;
      return {
        answers: answersOfRun(summary, answers, source, retest),
        outcome: summary.verdict.outcome,
        sentence: result.sentence,
        source,
      };
    });
  }

  async #part(
    begun: Source,
    play: () => Promise<{
      readonly answers: readonly Answer[];
      readonly outcome: string;
      readonly sentence: string;
      readonly source?: Source;
    }>,
  ): Promise<void> {
    this.#options.onPart?.(begun);
    const from = this.#clock.now();
    const { answers, outcome, sentence, source = begun } = await play();
    this.#answers.push(...answers);
    this.#parts.push({ source, outcome, sentence, ms: Math.ceil(this.#clock.now() - from) });
    this.#options.onTold?.(source, sentence);
  }

  #audit(endedAt: string | null): Audit {
    const { suite, version = '' } = this.#options;
    const findings = findingsOf(this.#answers);
    const checks = assess(this.#answers, suite, this.#clock.wall());
    return {
      version: 1,
      id: runOf(this.#folder),
      name: suite.name,
      title: suite.title,
      startedAt: this.#startedAt,
      endedAt,
      interrupted: this.#interrupted,
      faultline: version,
      environment: suite.limits.environment.name,
      suite: suite.source,
      verdict: verdictOf(checks, findings, this.#interrupted),
      alarms: this.#alarms,
      checks,
      findings,
      plan: planPhases(findings, checks, this.#retest),
      parts: this.#parts,
    };
  }

  #exit({ verdict }: Audit): ExitCode {
    const gravest = [EXIT.rollbackNotProven, EXIT.aborted, EXIT.refused].find((exit) =>
      this.#exits.has(exit),
    );
    return gravest ?? (verdict.word === 'ready' ? EXIT.held : EXIT.deviated);
  }

  #write(): void {
    writeAudit(this.#folder, this.#audit(null));
  }

  #now(): string {
    return new Date(this.#clock.wall()).toISOString();
  }

  /** A path as a page in the audit's folder links to it. */
  #from(path: string): string {
    return relative(this.#folder, resolve(path));
  }
}

const noLoad: PlayLoad = async () => {
  throw new Error('load profiles cannot be played here');
};

function makeFolder({ cwd, suite }: AuditOptions, clock: Clock): string {
  const audits = auditsFolder(cwd);
  try {
    return createRunFolder(audits, suite.name, clock.wall());
  } catch (error) {
    throw new FaultlineError('RUN_NOT_RECORDED', {
      folder: join(audits, suite.name),
      reason: reasonOf(error),
    });
  }
}

function whyStopped({ reason }: AbortSignal): string {
  const { text } = (reason ?? {}) as { text?: unknown };
  return typeof text === 'string' ? `stopped by ${text}` : 'stopped from outside';
}

function outcomeOf(flaws: number, gap: boolean): string {
  if (flaws > 0) return `found ${flaws}`;
  return gap ? 'not told' : 'nothing found';
}

function sentenceOf({ shown, flaws, untold }: Told): string {
  if (flaws.length > 0) return flaws.map(({ claim }) => claim).join(' ');
  return (untold.length > 0 ? untold : shown).join('; ');
}
