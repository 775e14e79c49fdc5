import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, '.faultline', 'bench-build');
let built: string | undefined;

/**
 * A file of `src`, compiled as users run it: a loader that compiles on the fly gives each function its name anew
 * whenever it is made, which costs more than some of what is measured.
 */
export function compiled(file: string): string {
  built ??= compile();
  return join(built, file);
}

function compile(): string {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  const compiler = join(dirname(typescript), 'bin', 'tsc');
  rmSync(folder, { recursive: true, force: true });
  const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', folder];
  const { stdout } = spawnSync(process.execPath, [compiler, ...options], { cwd: root, encoding: 'utf8' });
  const entry = join(folder, 'proxy', 'main.js');
  // What the compiler has to say of types is not a benchmark's matter, as long as there is something to run.
  if (!existsSync(entry)) throw new Error(`src does not compile: ${stdout.slice(0, 2000)}`);
  return folder;
}
