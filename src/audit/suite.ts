import { createHash } from 'node:crypto';
import { dirname, relative, resolve } from 'node:path';
import { maskDocument } from '../core/document/mask.ts';
import { type OpenDocument, openDocument, wordsOf } from '../core/document.ts';
import { FaultlineError, FaultlineErrors } from '../core/errors.ts';
import type { SafetyLimits } from '../core/limits.ts';
import type { Plan } from '../core/plan.ts';
import { Attempts, loadPlan } from '../experiments/load.ts';
import { nameOf, Problems } from '../experiments/plan/problems.ts';
import { checkVariables } from '../experiments/plan/variables.ts';
import { InvalidTraffic, toTraffic } from '../load/traffic.ts';
import { readBytes } from '../proxy/files.ts';
import { hostsOf, loadLimits, refuseTarget } from '../safety/limits/index.ts';
import type { CheckId } from './catalogue.ts';
import { CHECK_KIND_NAMES, type CheckKindName, kindOf } from './checks/index.ts';
import type { Attestation, FindingSeverity } from './contract.ts';
import { answeredBy, type LoadOrder } from './load.ts';
import { type SuiteFile, suiteSchema } from './schema.ts';

/** A check of a suite, with what it asks. */
export interface SuiteCheck {
  readonly name: string;
  readonly answers: CheckId;
  readonly kind: CheckKindName;
  readonly spec: unknown;
  readonly says?: string | undefined;
  readonly severity?: FindingSeverity | undefined;
  readonly remedy?: string | undefined;
  readonly timeoutMs: number;
}

export interface SuiteExperiment {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  /** Checks that its verdict answers. */
  readonly answers: readonly CheckId[];
}

/** All that an audit will do, worked out before anything is touched. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly source: { readonly file: string; readonly hash: string; readonly text: string };
  /** Folder that its files are named from. */
  readonly folder: string;
  readonly limits: SafetyLimits;
  readonly checks: readonly SuiteCheck[];
  readonly load: readonly LoadOrder[];
  readonly experiments: readonly SuiteExperiment[];
  readonly attestations: readonly Attestation[];
  readonly optional: Readonly<Partial<Record<CheckId, string>>>;
}

/** Where `${NAME}` is expanded in a suite. */
const VARIABLES_AT = [
  /^checks\.\d+\.(http|postgres|redis|prometheus)\.url$/,
  /^checks\.\d+\.\w+\.(headers|env)\./,
  /^checks\.\d+\.refuses\.(owner|strangers\.\d+)\.headers\./,
  /^load\.\d+\.scenarios\.\d+\.requests\.\d+\.headers\./,
];

interface SuiteOptions {
  readonly file: string;
  /** Safety limits, as for an experiment. */
  readonly limits?: string | undefined;
  readonly cwd?: string;
}

/**
 * Reads a suite with its experiments and limits. Touches nothing but files.
 * @throws FaultlineErrors with all problems of all files, each with file, line and column
 */
export function loadSuite({ file, limits: limitsFile, cwd = process.cwd() }: SuiteOptions): Suite {
  const path = resolve(cwd, file);
  const folder = dirname(path);
  const bytes = readBytes(path, file);
  const text = bytes.toString('utf8');
  const attempts = new Attempts();
  const limits = attempts.try(() => loadLimits({ file: limitsFile, folder, cwd }));
  const document = attempts.try(() => openDocument({ text, file, schema: suiteSchema }));
  attempts.throwIfAny();
  attempts.try(() => checkSuite(document!, limits!));
  const load = document!.value.load.flatMap(
    (_, index) => attempts.try(() => toOrder(document!, index)) ?? [],
  );
  const experiments = document!.value.experiments.flatMap(
    ({ file: name, answers = ['failure-modes'] }, index) => {
      const loaded = attempts.try(() => {
        const experiment = { file: relative(cwd, resolve(folder, name)), limits: limitsFile, cwd };
        return placed(document!, index, () => loadPlan(experiment));
      });
      return loaded ? [{ ...loaded, answers }] : [];
    },
  );
  attempts.throwIfAny();
  const { name, title = name, attestations, optional } = document!.value;
  return {
    name,
    title,
    source: { file, hash: createHash('sha256').update(bytes).digest('hex'), text: maskDocument(text) },
    folder,
    limits: limits!,
    checks: document!.value.checks.map(toCheck),
    load,
    experiments,
    attestations,
    optional,
  };
}

/** An experiment that is not there is wrong where the suite names it. */
function placed<T>(document: OpenDocument<SuiteFile>, index: number, load: () => T): T {
  try {
    return load();
  } catch (error) {
    const only = error instanceof FaultlineErrors && error.errors.length === 1 ? error.errors[0]! : error;
    if (!(only instanceof FaultlineError) || only.code !== 'FILE_NOT_FOUND' || only.at) throw error;
    throw only.placedAt(document.placeOf(['experiments', index, 'file']));
  }
}

function toOrder(document: OpenDocument<SuiteFile>, index: number): LoadOrder {
  const { metrics, answers, ...input } = document.value.load[index]!;
  const at = (key: string) => document.placeOf(['load', index, key]);
  try {
    const spec = toTraffic(input) as LoadOrder['spec'];
    return { spec, metrics, answers: answers ?? [answeredBy(spec.traffic.profile)] };
  } catch (error) {
    if (error instanceof FaultlineError) throw error.placedAt(at('profile'));
    if (!(error instanceof InvalidTraffic)) throw error;
    const values = { where: wordsOf(['load', index, error.key]), reason: error.message };
    throw new FaultlineError('INVALID', values, at(error.key));
  }
}

function toCheck({
  name,
  says,
  severity,
  remedy,
  timeout,
  ...given
}: SuiteFile['checks'][number]): SuiteCheck {
  const kind = CHECK_KIND_NAMES.find((known) => given[known] !== undefined)!;
  const answers = given.answers ?? kindOf(kind).answers!;
  return { name, answers, kind, spec: given[kind], says, severity, remedy, timeoutMs: timeout };
}

function checkSuite(document: OpenDocument<SuiteFile>, limits: SafetyLimits): void {
  const { checks, load } = document.value;
  const problems = new Problems(document);
  checkVariables(document.data, limits, problems, VARIABLES_AT);
  for (const [index, check] of checks.entries()) {
    const path = ['checks', index];
    const first = checks.findIndex(({ name }) => name === check.name);
    if (first < index) problems.nameTaken('check', check.name, [...path, 'name'], ['checks', first, 'name']);
    const { kind, spec } = toCheck(check);
    for (const address of kindOf(kind).addresses(spec)) {
      checkHost(address, limits, problems, [...path, kind]);
    }
  }
  for (const [index, { target, metrics }] of load.entries()) {
    checkHost(target, limits, problems, ['load', index, 'target']);
    if (metrics) checkHost(metrics.url, limits, problems, ['load', index, 'metrics', 'url']);
  }
  problems.throwIfAny();
}

/** A host that is known now is judged now; one behind `${NAME}`, and where a name leads, when it is asked. */
function checkHost(
  address: string,
  limits: SafetyLimits,
  problems: Problems,
  path: readonly (string | number)[],
): void {
  for (const host of hostsOf(address) ?? []) {
    const refusal = refuseTarget(limits.targets, host);
    if (!refusal) continue;
    const code = refusal.why === 'denied' ? 'TARGET_DENIED' : 'TARGET_NOT_ALLOWED';
    problems.add(code, { ...refusal, limits: nameOf(limits) }, path);
  }
}
