import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError, FaultlineErrors } from '../../core/errors.ts';
import type { KnownExperiment } from '../../core/launch.ts';
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
  return readAll(shelf)
    .map(({ known }) => known)
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * An experiment by its name: over an API a file is never named, so that nobody is led to another one.
 * @throws FaultlineError UNKNOWN_EXPERIMENT, or FaultlineErrors with all that is wrong with its file
 */
export function experimentNamed(shelf: Shelf, name: string): { readonly file: string } & Loaded {
  const all = readAll(shelf);
  const found = all.find(({ known }) => known.name === name);
  if (!found) {
    const suggestion = didYouMean(
      name,
      all.map(({ known }) => known.name),
    );
    throw new FaultlineError('UNKNOWN_EXPERIMENT', { experiment: name, suggestion });
  }
  if ('error' in found) throw found.error;
  return { file: join(shelf.folder, found.known.file), ...found.loaded };
}

type Loaded = ReturnType<typeof loadPlan>;
type Read = { readonly known: KnownExperiment } & ({ readonly loaded: Loaded } | { readonly error: unknown });

function readAll({ folder, limits, cwd }: Shelf): readonly Read[] {
  return (
    readdirSync(folder)
      // Kubernetes mounts each file of a ConfigMap as a link; one that leads nowhere is told with its reason.
      .filter((file) => /\.ya?ml$/.test(file) && !isFolder(join(folder, file)))
      .map((file) => read(file, () => loadPlan({ file: join(folder, file), limits, cwd })))
  );
}

function read(file: string, load: () => Loaded): Read {
  try {
    const loaded = load();
    const { name, title, tags, steps } = loaded.plan;
    return {
      known: { name, title, file, tags, steps: steps.map((step) => step.name), problems: [] },
      loaded,
    };
  } catch (error) {
    const name = file.replace(/\.ya?ml$/, '');
    const problems = error instanceof FaultlineErrors ? error.errors.map(String) : [reasonOf(error)];
    return { known: { name, title: name, file, tags: [], steps: [], problems }, error };
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
