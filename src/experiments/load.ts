import { createHash } from 'node:crypto';
import { dirname, relative, resolve } from 'node:path';
import { maskDocument } from '../core/document/mask.ts';
import { inOrder, type OpenDocument, openDocument } from '../core/document.ts';
import { FaultlineError, FaultlineErrors, type SourcePlace } from '../core/errors.ts';
import type { SafetyLimits } from '../core/limits.ts';
import type { Plan } from '../core/plan.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import {
  checkTls,
  DEFAULT_CONTROL,
  findProxyConfig,
  proxyFileSchema,
  toDeclarations,
} from '../proxy/config.ts';
import { readBytes } from '../proxy/files.ts';
import { loadLimits } from '../safety/limits/index.ts';
import { addressKey, type SharedDriver } from './plan/drivers.ts';
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
  const shared = attempts.try(() => readShared(folder, cwd));
  attempts.throwIfAny();

  const plan = planExperiment({
    document: document!,
    source: { file, hash: createHash('sha256').update(bytes!).digest('hex'), text: maskDocument(text) },
    ...chooseProxies(document!, shared!, folder),
    control: shared!.control,
    sharedDrivers: shared!.drivers,
    limits: limits!,
  });
  return { plan, limits: limits! };
}

interface DeclaredProxies {
  readonly proxies: readonly ProxyDeclaration[];
  placeOfUpstream(proxy: string): SourcePlace;
}

/** What a `faultline.yaml` declares for all experiments. */
interface Shared extends DeclaredProxies {
  readonly control: string;
  readonly drivers: readonly SharedDriver[];
}

/** An experiment's own proxies, else those of the `faultline.yaml` that holds for it. */
function chooseProxies(
  document: OpenDocument<Experiment>,
  { proxies, placeOfUpstream }: Shared,
  folder: string,
): DeclaredProxies {
  const own = document.value.proxies;
  if (!own) return { proxies, placeOfUpstream };
  const declared = toDeclarations(own, folder);
  checkTls(document, declared);
  return {
    proxies: declared,
    placeOfUpstream: (name) => document.placeOf(['proxies', name, 'upstream']),
  };
}

function readShared(folder: string, cwd: string): Shared {
  const path = findProxyConfig(folder, cwd);
  const nowhere: SourcePlace = { file: 'faultline.yaml', line: 1, column: 1 };
  if (path === undefined) {
    return { control: DEFAULT_CONTROL, proxies: [], drivers: [], placeOfUpstream: () => nowhere };
  }
  const text = readBytes(path, path).toString('utf8');
  const document = openDocument({ text, file: relative(cwd, path) || path, schema: proxyFileSchema });
  const { control, proxies, drivers } = document.value;
  const declared = toDeclarations(proxies, dirname(path));
  checkTls(document, declared);
  return {
    control,
    proxies: declared,
    drivers: Object.entries(drivers).map(([name, given]) => ({
      declaration: { name, ...given },
      place: document.placeOf(['drivers', name], 'key'),
      placeOfAddress: document.placeOf(['drivers', name, addressKey(given)]),
    })),
    placeOfUpstream: (name) => document.placeOf(['proxies', name, 'upstream']),
  };
}

/** Several things that may each fail, so that what is wrong with all of them is told together. */
export class Attempts {
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
