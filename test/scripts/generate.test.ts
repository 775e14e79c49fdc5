import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { generated } from '../../scripts/generate/index.ts';
import { ERRORS } from '../../src/core/errors.ts';
import { ADMIN_FAULTS } from '../../src/drivers/catalogue.ts';
import { starterExperiment } from '../../src/experiments/init.ts';
import { FAULTS } from '../../src/faults/index.ts';

const root = resolve(import.meta.dirname, '../..');
const files = generated();

describe('what is generated', () => {
  test.each([...files.keys()])('is committed as the code has it: %s', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(files.get(path));
  });

  test('is the same each time', () => {
    expect([...generated()]).toEqual([...files]);
  });
});

describe('the page of errors', () => {
  test('has a row for each error of the table, and no other', () => {
    const codes = [...files.get('docs/errors.md')!.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(codes.toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  });
});

describe('the page of faults', () => {
  test('has a row for each fault of the catalogue and of drivers, and no other', () => {
    const types = [...files.get('docs/faults.md')!.matchAll(/^\| `(\w+)` \|/gm)].map(([, type]) => type);
    expect(types.toSorted()).toEqual([...FAULTS.keys(), ...ADMIN_FAULTS.keys()].toSorted());
  });
});

describe('the JSON Schema of an experiment', () => {
  const schema = z.fromJSONSchema(JSON.parse(files.get('schemas/experiment.schema.json')!));
  const starter = () => parse(starterExperiment('experiment.yaml'));
  const withFault = (fault: object) => ({
    ...starter(),
    steps: [{ name: 'a', duration: '5s', faults: [fault] }],
  });

  test('accepts the experiment to start from', () => {
    expect(schema.safeParse(starter()).error).toBeUndefined();
  });

  test.each([
    ['a ramp', { proxy: 'redis', type: 'latency', attributes: { latency: { from: '1s', to: 2000 } } }],
    [
      'a match that the fault sees',
      { proxy: 'redis', type: 'latency', match: { client: '10.0.0.0/8', first: 3 } },
    ],
  ])('accepts %s', (_, fault) => {
    expect(schema.safeParse(withFault(fault)).error).toBeUndefined();
  });

  test.each([
    ['an unknown fault', { proxy: 'redis', type: 'latncy' }],
    ['an attribute of another fault', { proxy: 'redis', type: 'latency', attributes: { rate: 3 } }],
    ['a match that the fault cannot see', { proxy: 'redis', type: 'latency', match: { path: '/' } }],
    ['half a ramp', { proxy: 'redis', type: 'latency', toxicity: { from: 0.1 } }],
  ])('refuses %s', (_, fault) => {
    expect(schema.safeParse(withFault(fault)).success).toBe(false);
  });

  test('refuses an unknown key', () => {
    expect(schema.safeParse({ ...starter(), stpes: [] }).success).toBe(false);
  });

  test('describes every field of a fault', () => {
    const undescribed: string[] = [];
    const visit = (node: unknown, path: string): void => {
      const { properties, description } = (node ?? {}) as {
        properties?: Record<string, unknown>;
        description?: string;
      };
      if (path.includes('attributes.') && !description) undescribed.push(path);
      for (const [name, inner] of Object.entries(properties ?? {})) visit(inner, `${path}.${name}`);
    };
    const json = JSON.parse(files.get('schemas/experiment.schema.json')!);
    for (const option of json.properties.steps.items.properties.faults.items.oneOf)
      visit(option, option.properties.type.const);
    expect(undescribed).toEqual([]);
  });
});
