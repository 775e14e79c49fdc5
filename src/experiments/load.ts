import { createHash } from 'node:crypto';
import { dirname, relative, resolve } from 'node:path';
import { maskDocument } from '../core/document/mask.ts';
import { inOrder, type OpenDocument, openDocument } from '../core/document.ts';
import { FaultlineError, FaultlineErrors, type SourcePlace } from '../core/errors.ts';
import type { SafetyLimits } from '../core/limits.ts';
import type { Plan } from '../core/plan.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import { DEFAULT_CONTROL, findProxyConfig, proxyFileSchema, toDeclarations } from '../proxy/config.ts';
import { readBytes } from '../proxy/files.ts';
import { loadLimits } from '../safety/limits/index.ts';
import { planExperiment } from './plan/index.ts';
import { type Experiment, experimentSchema } from './schema.ts';

export interface LoadOptions {
  /** Experiment file. */
  readonly file: string;
  /** Safety limits; by default the `safety-limits.yaml` beside the experiment, in a folder above it, or in `cwd`. */
  readonly limits?: string;
  /** Folder that paths start from; by default the process's. */
  readonly cwd?: string;
}

/**
 * Reads an experiment with its limits and proxies, and plans it. Touches nothing but files.
 * @throws FaultlineErrors with all problems of all files, each with file, line and column
 */
export function loadPlan(options: LoadOptions): { readonly plan: Plan; readonly limits: SafetyLimits } {
  const { file, cwd = process.cwd() } = options;
  const path = resolve(cwd, file);
  const folder = dirname(path);

  const attempts = new Attempts();
  const bytes = attempts.try(() => readBytes(path, file));
  attempts.throwIfAny();
  const text = bytes!.toString('utf8');
  const limits = attempts.try(() => loadLimits({ file: options.limits, folder, cwd }));
  const document = attempts.try(() => openDocument({ text, file, schema: experimentSchema }));
  const proxies = attempts.try(() => readProxies(folder, cwd));
  attempts.throwIfAny();

  const plan = planExperiment({
    document: document!,
    source: { file, hash: createHash('sha256').update(bytes!).digest('hex'), text: maskDocument(text) },
    ...chooseProxies(document!, proxies!, folder),
    control: proxies!.control,
    limits: limits!,
  });
  return { plan, limits: limits! };
}

interface DeclaredProxies {
  readonly control: string;
  readonly proxies: readonly ProxyDeclaration[];
  placeOfUpstream(proxy: string): SourcePlace;
}

/** An experiment's own proxies, else those of the `faultline.yaml` that holds for it. */
function chooseProxies(
  document: OpenDocument<Experiment>,
  shared: DeclaredProxies,
  folder: string,
): Pick<DeclaredProxies, 'proxies' | 'placeOfUpstream'> {
  const own = document.value.proxies;
  if (!own) return shared;
  return {
    proxies: toDeclarations(own, folder),
    placeOfUpstream: (name) => document.placeOf(['proxies', name, 'upstream']),
  };
}

function readProxies(folder: string, cwd: string): DeclaredProxies {
  const path = findProxyConfig(folder, cwd);
  const nowhere: SourcePlace = { file: 'faultline.yaml', line: 1, column: 1 };
  if (path === undefined) return { control: DEFAULT_CONTROL, proxies: [], placeOfUpstream: () => nowhere };
  const text = readBytes(path, path).toString('utf8');
  const document = openDocument({ text, file: relative(cwd, path) || path, schema: proxyFileSchema });
  return {
    control: document.value.control,
    proxies: toDeclarations(document.value.proxies, dirname(path)),
    placeOfUpstream: (name) => document.placeOf(['proxies', name, 'upstream']),
  };
}

/** Several things that may each fail, so that what is wrong with all of them is told together. */
class Attempts {
  readonly #errors: FaultlineError[] = [];

  try<T>(attempt: () => T): T | undefined {
    try {
      return attempt();
    } catch (error) {
      if (error instanceof FaultlineErrors) this.#errors.push(...inOrder(error.errors));
      else if (error instanceof FaultlineError) this.#errors.push(error);
      else throw error;
      return undefined;
    }
  }

  throwIfAny(): void {
    if (this.#errors.length > 0) throw new FaultlineErrors(this.#errors);
  }
}
