import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toxiproxyRoutes } from '../../../src/proxy/api/toxiproxy/index.ts';
import type { DataPlane } from '../../../src/proxy/contract.ts';

const docs = resolve(import.meta.dirname, '../../../docs');
const page = readFileSync(join(docs, 'toxiproxy.md'), 'utf8');

/** Cells of the rows of the table under a heading, without its own head. */
function rows(heading: string): string[][] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.replace(/^\|?\s*|\s*\|?$/g, '')),
    );
}

function links(text: string): { title: string; target: string }[] {
  return [...text.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title, target]) => ({
    title: title!,
    target: target!,
  }));
}

/** Titles of the tests of a file, as its source has them. */
function titles(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/(?:describe|test|it|\))\(\s*(['"`])((?:(?!\1).)+)\1\s*,/g)].map(
    (found) => found[2]!,
  );
}

describe('docs/toxiproxy.md', () => {
  test('names for every route of Toxiproxy what holds it, and no other route', () => {
    const routes = Object.entries(toxiproxyRoutes({} as DataPlane)).flatMap(([path, handlers]) =>
      Object.keys(handlers).map((method) => `${method} ${path}`),
    );
    expect(routes.length).toBeGreaterThanOrEqual(15);
    const told = rows('Routes').map(([route]) => route!.replaceAll('`', ''));
    expect(told.sort()).toEqual([...routes, 'GET /metrics'].sort());
  });

  test('names what holds every toxic', () => {
    expect(rows('Toxics').map(([type]) => type)).toEqual(
      ['latency', 'bandwidth', 'slow_close', 'timeout', 'reset_peer', 'slicer', 'limit_data', 'noop'].map(
        (type) => `\`${type}\``,
      ),
    );
  });

  test('names what holds every library that is played, and no other', () => {
    const played = titles(join(docs, '../test/proxy/api/libraries.test.ts')).filter((title) =>
      title.startsWith('from '),
    );
    expect(played.length).toBeGreaterThanOrEqual(8);
    const told = rows('Client libraries').flatMap((cells) => links(cells.at(-1)!));
    expect(
      told.filter(({ target }) => target.endsWith('libraries.test.ts')).map(({ title }) => title),
    ).toEqual(played);
  });

  const claims = ['Routes', 'On every route', 'Toxics', 'Client libraries'].flatMap((heading) =>
    rows(heading).map((cells) => [cells[0]!, cells.at(-1)!] as const),
  );
  test.each(claims)('names a test that exists for %s', (_, claim) => {
    const held = links(claim);
    expect(held).toHaveLength(1);
    for (const { title, target } of held) expect(titles(join(docs, target))).toContain(title);
  });

  test('links a decision for each deliberate difference', () => {
    const decisions = rows('Deliberate differences').map((cells) => links(cells.at(-1)!));
    expect(decisions.length).toBeGreaterThanOrEqual(12);
    for (const [decision, ...more] of decisions) {
      expect(more).toEqual([]);
      expect(existsSync(join(docs, decision!.target)), decision!.target).toBe(true);
      expect(decision!.target).toContain(`adr/${decision!.title}-`);
    }
  });
});
