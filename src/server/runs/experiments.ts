import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FaultlineError, FaultlineErrors } from '../../core/errors.ts';
import type { KnownExperiment } from '../../core/launch.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { reasonOf } from '../../core/reason.ts';
import { didYouMean } from '../../core/suggest.ts';
import { loadPlan } from '../../experiments/load.ts';

export interface Shelf {
  /** Folder whose YAML files are the experiments that may be started by name; folders in it are not looked into. */
  readonly folder: string;
  readonly limits?: string;
  readonly cwd: string;
}

/** Every experiment of the folder, also those that cannot be started, by name. */
export function experimentsOn(shelf: Shelf): readonly KnownExperiment[] {
  return filesOn(shelf)
    .map((file) => describe(shelf, file))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * An experiment by its name: over an API a file is never named, so that nobody is led to another one.
 * @throws FaultlineError UNKNOWN_EXPERIMENT, or FaultlineErrors with all that is wrong with its file
 */
export function experimentNamed(
  shelf: Shelf,
  name: string,
): { readonly file: string; readonly plan: Plan; readonly limits: SafetyLimits } {
  const known = experimentsOn(shelf);
  const found = known.find((one) => one.name === name);
  if (!found) {
    const suggestion = didYouMean(
      name,
      known.map((one) => one.name),
    );
    throw new FaultlineError('UNKNOWN_EXPERIMENT', { experiment: name, suggestion });
  }
  const file = join(shelf.folder, found.file);
  return { file, ...loadPlan({ file, limits: shelf.limits, cwd: shelf.cwd }) };
}

function filesOn({ folder }: Shelf): readonly string[] {
  return (
    readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => join(folder, name))
      // Kubernetes mounts each file of a ConfigMap as a link; one that leads nowhere is told with its reason.
      .filter((path) => !statSync(path, { throwIfNoEntry: false })?.isDirectory())
  );
}

function describe({ folder, limits, cwd }: Shelf, path: string): KnownExperiment {
  const file = relative(folder, path);
  const nameless = file.replace(/\.ya?ml$/, '');
  try {
    const { plan } = loadPlan({ file: path, limits, cwd });
    const { name, title, tags } = plan;
    return { name, title, file, tags, steps: plan.steps.map((step) => step.name), problems: [] };
  } catch (error) {
    const problems = error instanceof FaultlineErrors ? error.errors.map(String) : [reasonOf(error)];
    return { name: nameless, title: nameless, file, tags: [], steps: [], problems };
  }
}
