import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** A room may import only itself and rooms before it. */
const ROOMS = [
  'core',
  'protocols',
  'faults',
  'proxy',
  'drivers',
  'probes',
  'load',
  'safety',
  'experiments',
  'lessons',
  'report',
  'schedule',
  'audit',
  'gameday',
  'notify',
  'server',
  'sandbox',
  'cli',
];

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');
const files = walk(src).filter((file) => file.endsWith('.ts'));

describe('the rooms of src', () => {
  test('are read by this test, all of them', () => {
    expect(files.length).toBeGreaterThan(60);
    for (const file of files) expect(ROOMS, relative(root, file)).toContain(roomOf(file));
  });

  test('import only themselves and rooms before them', () => {
    const wrong = imports().filter(({ from, to }) => ROOMS.indexOf(roomOf(to)) > ROOMS.indexOf(roomOf(from)));
    expect(wrong.map(told)).toEqual([]);
  });

  test('reach the data plane from drivers over its API only', () => {
    const wrong = imports().filter(({ from, to }) => roomOf(from) === 'drivers' && roomOf(to) === 'proxy');
    expect(wrong.map(told)).toEqual([]);
  });

  test('leave the sandbox alone: it imports nothing of ours and only the demo verb imports it', () => {
    const outward = imports().filter(
      ({ from, to }) => roomOf(from) === 'sandbox' && roomOf(to) !== 'sandbox',
    );
    const inward = imports().filter(
      ({ from, to }) => roomOf(to) === 'sandbox' && roomOf(from) !== 'sandbox' && !/cli\/demo/.test(from),
    );
    expect([...outward, ...inward].map(told)).toEqual([]);
  });

  test('do no I/O in core', () => {
    const doors = /from '(node:(fs|net|http|https|child_process|dgram|tls)[^']*|undici|pg|ioredis)'/;
    const wrong = files.filter((file) => roomOf(file) === 'core' && doors.test(readFileSync(file, 'utf8')));
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  test('never ask for a fault by its type in shared code', () => {
    const asks = /\btype\s*===?\s*'(?!object|string|number|function|boolean)[a-z]+(_[a-z]+)*'/;
    const shared = files.filter((file) => roomOf(file) === 'proxy' || file.endsWith('faults/index.ts'));
    const wrong = shared.filter((file) => asks.test(readFileSync(file, 'utf8')));
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const paths = [
    ...text.matchAll(
      /`((?:src|test|scripts|docs|schemas|experiments|bench)\/[^`\s*{}]*|[\w.-]+\.(?:ya?ml|json|md))`/g,
    ),
  ];

  test('names only paths that exist', () => {
    expect(paths.length).toBeGreaterThan(15);
    expect(paths.map((path) => path[1]!).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('names every room', () => {
    const rooms = readdirSync(src);
    expect(rooms.filter((room) => !text.includes(`src/${room}`))).toEqual([]);
  });
});

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}

function roomOf(file: string): string {
  return relative(src, file).split('/')[0]!;
}

function imports(): { from: string; to: string }[] {
  return files.flatMap((from) =>
    [...readFileSync(from, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => ({
      from,
      to: resolve(dirname(from), match[1]!),
    })),
  );
}

function told({ from, to }: { from: string; to: string }): string {
  return `${relative(root, from)} imports ${relative(root, to)}`;
}
