import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { choiceErrors, openDocument } from '../../src/core/document.ts';
import { FaultlineErrors } from '../../src/core/errors.ts';

const amount = z.union([z.number(), z.strictObject({ from: z.number(), to: z.number() })]);
const animal = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('horse'), legs: amount.optional() }),
  z.strictObject({ type: z.literal('heron'), headers: z.record(z.string(), z.string()).optional() }),
]);
choiceErrors.add(animal, { code: 'UNKNOWN_FAULT' });
const schema = z.strictObject({
  name: z.string(),
  colour: z.enum(['green', 'brown']).optional(),
  count: z.int().min(2).default(2),
  even: z
    .number()
    .refine((value) => value % 2 === 0, 'an odd number does not pair')
    .optional(),
  animals: z.array(animal).optional(),
});

function complaints(text: string): string {
  try {
    openDocument({ text, file: 'zoo.yaml', schema });
  } catch (error) {
    if (error instanceof FaultlineErrors) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a document that its schema refuses', () => {
  test.each([
    [
      'an unknown key',
      'name: a\ncolor: green',
      '2:1: Unknown key "color" in the file. Did you mean "colour"?',
    ],
    ['a missing key at the top', 'count: 3', '1:1: The file needs "name".'],
    ['a missing key further in', 'name: a\nanimals:\n  - legs: 3', '3:5: animals[0] needs "type".'],
    ['an empty value', 'name:\ncount: 2', '1:1: name has no value: expected a text.'],
    ['another kind of value', 'name: 3', '1:7: "3" is not valid for name: expected a text.'],
    ['a map for a list', 'name: a\nanimals: { type: horse }', '2:10: animals is a map: expected a list.'],
    ['a list for a map', '- a', '1:1: The file is a list: expected a map.'],
    ['no content at all', '', '1:1: The file has no value: expected a map.'],
    [
      'a word outside a choice',
      'name: a\ncolour: gren',
      '2:9: "gren" is not valid for colour: expected one of green, brown. Did you mean "green"?',
    ],
    [
      'a number below its bound',
      'name: a\ncount: 1',
      '2:8: "1" is not valid for count: expected at least 2.',
    ],
    ['a fraction', 'name: a\ncount: 2.5', '2:8: "2.5" is not valid for count: expected a whole number.'],
    ['a rule of its own', 'name: a\neven: 3', '2:7: even: an odd number does not pair.'],
    [
      'an unknown choice of a union',
      'name: a\nanimals: [{ type: hors }]',
      '2:19: There is no fault of type "hors". Did you mean "horse"?',
    ],
    [
      'a key missing in the branch that was meant',
      'name: a\nanimals:\n  - type: horse\n    legs: { from: 1 }',
      '4:11: animals[0].legs needs "to".',
    ],
    [
      'no branch that fits',
      'name: a\nanimals: [{ type: horse, legs: four }]',
      '2:32: "four" is not valid for animals[0].legs: expected a number or a map.',
    ],
    [
      'a header, without quoting what may be a key',
      'name: a\nanimals: [{ type: heron, headers: { x-key: 12345 } }]',
      '2:44: "***" is not valid for animals[0].headers.x-key: expected a text.',
    ],
    [
      'a URL, without its password',
      'name: a\ncolour: postgres://me:secret@db/app?sslpassword=secret',
      '2:9: "postgres://***@db/app?sslpassword=***" is not valid for colour: expected one of green, brown.',
    ],
    [
      'a duplicate key',
      'name: a\nname: b',
      '2:1: Key "name" stands twice in the file; it is already on line 1.',
    ],
    [
      'a duplicate key further in',
      'name: a\nanimals:\n  - type: horse\n    type: heron',
      '4:5: Key "type" stands twice in animals[0]; it is already on line 3.',
    ],
    ['two documents', 'name: a\n---\nname: b', '2:1: A second document begins here; a file holds one.'],
    ['an alias of nothing', 'name: *who', '1:7: Alias "*who" has no anchor before it.'],
    ['an alias within its anchor', 'name: &a [*a]', '1:11: Alias "*a" stands within its own anchor.'],
    ['a tab', 'name: a\nanimals:\n\t- 1', '3:1: Tabs are not allowed as indentation.'],
    ['a prototype', 'name: a\n__proto__: { count: 3 }', '2:1: Unknown key "__proto__" in the file.'],
  ])('names the place and the remedy of %s', (_, text, sentence) => {
    expect(complaints(text)).toBe(`zoo.yaml:${sentence}`);
  });

  test('has all its problems told at once, in the order of the file', () => {
    expect(complaints('colour: blue\nanimals: 1\nx-count: 1\n')).toBe(
      [
        'zoo.yaml:1:1: The file needs "name".',
        'zoo.yaml:1:9: "blue" is not valid for colour: expected one of green, brown.',
        'zoo.yaml:2:10: "1" is not valid for animals: expected a list.',
        'zoo.yaml:3:1: Unknown key "x-count" in the file. Did you mean "count"?',
      ].join('\n'),
    );
  });
});

describe('a hostile document', () => {
  const laughs = Array.from({ length: 9 }, (_, level) => {
    const below = level === 0 ? 'ha' : `*l${level - 1}`;
    return `l${level}: &l${level} [${Array.from({ length: 9 }, () => below).join(', ')}]`;
  }).join('\n');

  test.each([
    ['aliases that multiply', laughs, 'Aliases repeat too much of the file.'],
    ['brackets without end', '['.repeat(200_000), 'Lists and maps are nested more than 48 deep.'],
    ['dashes without end', '- '.repeat(100_000), 'Lists and maps are nested more than 48 deep.'],
    ['a file too large', `name: ${'a'.repeat(300_000)}`, 'The file has 293 KiB; at most 256 KiB are read.'],
  ])('is refused: %s', (_, text, sentence) => {
    expect(complaints(text)).toContain(sentence);
  });
});

describe('the place of a path', () => {
  const text = ['name: a', 'animals:', '  - type: horse', '    legs:', '      from: 1', '      to: 2'].join(
    '\n',
  );
  const { placeOf } = openDocument({ text, file: 'zoo.yaml', schema });
  const at = (...[path, of]: Parameters<typeof placeOf>) => {
    const { line, column } = placeOf(path, of);
    return `${line}:${column}`;
  };

  test.each([
    ['a plain value', ['name'], '1:7'],
    ['a block list, by its key', ['animals'], '2:1'],
    ['an item', ['animals', 0], '3:5'],
    ['a block map, by its key', ['animals', 0, 'legs'], '4:5'],
    ['a value deep inside', ['animals', 0, 'legs', 'to'], '6:11'],
    ['something that is not there, by its parent', ['animals', 0, 'wings', 'left'], '3:5'],
  ])('is that of %s', (_, path, place) => {
    expect(at(path)).toBe(place);
  });

  test('is the key where the key is asked for', () => {
    expect(at(['animals', 0, 'type'], 'key')).toBe('3:5');
  });

  test('follows an alias to what it stands for', () => {
    const aliased =
      'name: a\nanimals: [{ type: horse, legs: &r { from: 1, to: 2 } }, { type: horse, legs: *r }]';
    const document = openDocument({ text: aliased, file: 'zoo.yaml', schema });
    expect(document.placeOf(['animals', 1, 'legs', 'to'])).toMatchObject({ line: 2, column: 50 });
  });
});
