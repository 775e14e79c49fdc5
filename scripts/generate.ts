import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { generated } from './generate/index.ts';

/** Writes what is generated from the code; with `--check` it writes nothing and ends with 1 when a file is out of date. */
const root = resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');
let stale = 0;

for (const [path, content] of generated()) {
  const target = join(root, path);
  if (read(target) === content) continue;
  stale += 1;
  if (check) {
    process.stderr.write(`${path} is out of date: run "npm run generate" and commit it.\n`);
    continue;
  }
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  process.stdout.write(`${path} written.\n`);
}
if (stale === 0) process.stdout.write('Everything generated is up to date.\n');
if (check && stale > 0) process.exitCode = 1;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
