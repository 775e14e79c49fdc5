import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const built = join(root, '.built');
/** What programs read beside the code. */
const BESIDE = ['package.json', 'faultline.yaml', 'safety-limits.yaml', 'experiments', 'schemas'];

/**
 * Compiles every program that a test starts, once before all tests: a process that compiles itself from TypeScript takes five
 * times the processor's time to start, and hundreds are started.
 */
export default function compile(): void {
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built);
  for (const name of BESIDE) symlinkSync(join('..', name), join(built, name));
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin',
    'tsc',
  );
  execFileSync(process.execPath, [compiler, '-p', join(root, 'test/tsconfig.json')], {
    stdio: 'inherit',
    cwd: root,
  });
  const page = 'src/server/dashboard/public';
  symlinkSync(join(root, page), join(built, page));
}
