import { dirname, resolve } from 'node:path';
import { type OpenDocument, openDocument } from '../../core/document.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { LoadSpec, LoadTraffic } from '../../core/plan.ts';
import { maskUrls } from '../../core/secrets.ts';
import { Problems } from '../../experiments/plan/problems.ts';
import { checkVariables } from '../../experiments/plan/variables.ts';
import { type LoadFile, loadFileSchema } from '../../load/schema.ts';
import { InvalidTraffic, toTraffic } from '../../load/traffic.ts';
import { readBytes } from '../../proxy/files.ts';
import { loadLimits } from '../../safety/limits/index.ts';

export interface LoadFlags {
  readonly profile?: string;
  readonly file?: string;
  readonly target?: string;
  readonly users?: string;
  readonly timeScale?: string;
  readonly metrics?: string;
  readonly limits?: string;
}

export interface AskedLoad {
  readonly spec: LoadSpec & { readonly traffic: LoadTraffic };
  readonly metrics?: NonNullable<LoadFile['metrics']>;
  readonly limits: SafetyLimits;
}

/**
 * What the command line and the load file ask for together; the command line outranks the file.
 * @throws FaultlineError, FaultlineErrors with exit code 2
 */
export function readLoad(flags: LoadFlags, cwd: string): AskedLoad {
  const { file, target, metrics } = flags;
  const limits = loadLimits({
    file: flags.limits,
    cwd,
    ...(file === undefined ? {} : { folder: dirname(resolve(cwd, file)) }),
  });
  const document = file === undefined ? undefined : openFile(file, cwd, limits);
  const { metrics: told, ...given } = document?.value ?? {};
  const input = {
    ...given,
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    ...(flags.users === undefined ? {} : { users: wholeNumber(flags.users) }),
    ...(flags.timeScale === undefined ? {} : { timeScale: positive(flags.timeScale) }),
    target: target === undefined ? given.target : httpOrRedis(target),
  };
  if (input.target === undefined) {
    const expected = 'say where the load goes, with --target URL or "target" in the file';
    throw new FaultlineError('INVALID', { where: 'The load', reason: expected });
  }
  const source = metrics === undefined ? told : { ...told, url: metrics };
  return {
    spec: traffic({ ...input, target: input.target }, document) as AskedLoad['spec'],
    ...(source ? { metrics: source } : {}),
    limits,
  };
}

function openFile(file: string, cwd: string, limits: SafetyLimits): OpenDocument<LoadFile> {
  const text = readBytes(resolve(cwd, file), file).toString('utf8');
  const document = openDocument({ text, file, schema: loadFileSchema });
  const problems = new Problems(document);
  checkVariables(document.data, limits, problems);
  problems.throwIfAny();
  return document;
}

function traffic(input: Parameters<typeof toTraffic>[0], document?: OpenDocument<LoadFile>): LoadSpec {
  try {
    return toTraffic(input);
  } catch (error) {
    if (!(error instanceof InvalidTraffic)) throw error;
    const values = { where: error.key, reason: error.message };
    throw document?.error('INVALID', values, [error.key]) ?? new FaultlineError('INVALID', values);
  }
}

function httpOrRedis(target: string): string {
  const read = loadFileSchema.shape.target.safeParse(target);
  if (read.success) return target;
  const expected = 'write it as http://host:port, https://… or redis://…';
  throw new FaultlineError('BAD_VALUE', {
    value: maskUrls(target),
    where: '--target',
    expected,
    suggestion: '',
  });
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new FaultlineError('BAD_VALUE', {
    value: text,
    where: '--users',
    expected: 'a whole number from 1',
    suggestion: '',
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (value >= 0.01 && Number.isFinite(value)) return value;
  const expected = 'a number such as 10, for stages that are ten times shorter';
  throw new FaultlineError('BAD_VALUE', { value: text, where: '--time-scale', expected, suggestion: '' });
}
