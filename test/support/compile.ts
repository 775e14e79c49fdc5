import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { CONTROL_TOKEN_VARIABLES } from '../../src/core/control-token.ts';

const root = resolve(import.meta.dirname, '../..');
const built = join(root, '.built');
const stamp = join(built, 'compiled');
/** What programs read beside the code. */
const BESIDE = ['package.json', 'faultline.yaml', 'safety-limits.yaml', 'experiments', 'schemas'];

/**
 * Compiles every program that a test starts, once before all tests: a process that compiles itself from TypeScript takes five
 * times the processor's time to start, and hundreds are started.
 */
export default function compile(): void {
  // Data planes of tests ask for a token only where a test says so.
  for (const name of CONTROL_TOKEN_VARIABLES) delete process.env[name];
  if (isFresh()) return;
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
  writeFileSync(stamp, '');
  const page = 'src/server/dashboard/public';
  symlinkSync(join(root, page), join(built, page));
}

/** Nothing that is compiled is newer than what it was compiled to; a deleted file shows in its folder's time. */
function isFresh(): boolean {
  if (!existsSync(stamp)) return false;
  const { mtimeMs } = statSync(stamp);
  const sources = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isDirectory() || (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')),
      )
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return [...sources, join(root, 'test/tsconfig.json')].every((path) => statSync(path).mtimeMs < mtimeMs);
}
