import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { FaultlineError } from '../core/errors.ts';

/** The file of that name that holds for `folder`: there, else in a folder above, else in `cwd`. */
export function findUpwards(name: string, folder: string, cwd: string): string | undefined {
  for (let at = resolve(cwd, folder); ; at = dirname(at)) {
    const candidate = join(at, name);
    if (existsSync(candidate)) return candidate;
    if (at === dirname(at)) break;
  }
  const own = join(cwd, name);
  return existsSync(own) ? own : undefined;
}

/**
 * A file's bytes.
 * @param shown how the error names it
 * @throws FaultlineError FILE_NOT_FOUND
 */
export function readBytes(path: string, shown = path): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new FaultlineError('FILE_NOT_FOUND', { path: shown, reason });
  }
}

/** Path of the first of these programs that PATH holds. */
export function findProgram(names: readonly string[], path = process.env.PATH ?? ''): string | undefined {
  const folders = path.split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
