/** Makes `dist/` from `src/`: compiled code, and the files that it reads beside itself. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const compiler = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin',
  'tsc',
);

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
  cwd: root,
});
cpSync(join(root, 'src/server/dashboard/public'), join(root, 'dist/server/dashboard/public'), {
  recursive: true,
});
chmodSync(join(root, 'dist/cli/main.js'), 0o755);
