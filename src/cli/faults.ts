import { FaultlineError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { ADMIN_FAULTS, type AnyAdminFacts, DRIVER_KINDS, type FaultFacts } from '../drivers/catalogue.ts';
import { wrap } from '../experiments/explain/layout.ts';
import type { AnyFault } from '../faults/contract.ts';
import { attributeRows } from '../faults/describe.ts';
import { FAULTS } from '../faults/index.ts';

/** `faultline faults [type]`: the catalogue with what drivers add to it, or one fault in full. */
export async function faults(type: string | undefined): Promise<number> {
  process.stdout.write(type === undefined ? catalogue() : inFull(type));
  return 0;
}

function catalogue(): string {
  const own = [...FAULTS.values()].sort((left, right) => left.type.localeCompare(right.type));
  const width = Math.max(...[...FAULTS.keys(), ...ADMIN_FAULTS.keys()].map(({ length }) => length));
  const row = ({ type, summary }: FaultFacts) => `  ${type.padEnd(width)}  ${summary}`;
  const more = (text: string) => wrap(text, width + 4, width + 6);
  const sections = [...DRIVER_KINDS.values()].map(({ kind, what, types }) => {
    const beside = types.flatMap((type) => ADMIN_FAULTS.get(type) ?? []);
    const heading = `By driver ${kind}, ${what}:`;
    if (beside.length === 0) return [heading, wrap(types.join(', '), 2)];
    return [
      heading,
      ...beside.flatMap((fault) => [
        row(fault),
        more(
          `attributes: ${attributeRows(fault)
            .map(({ name, unit }) => `${name} (${unit})`)
            .join(', ')}`,
        ),
        more(`taken back: ${fault.undo}`),
      ]),
    ];
  });
  const lines = [['By the data plane:', ...own.map(row)], ...sections].map((section) => section.join('\n'));
  return `${lines.join('\n\n')}\n\nOne in full: faultline faults ${own[0]?.type ?? 'TYPE'}\n`;
}

function inFull(type: string): string {
  const own = FAULTS.get(type);
  const beside = ADMIN_FAULTS.get(type);
  const facts = own ?? beside;
  if (!facts) {
    const suggestion = didYouMean(type, [...FAULTS.keys(), ...ADMIN_FAULTS.keys()]);
    throw new FaultlineError('UNKNOWN_FAULT', { type, suggestion });
  }
  const attributes = attributeRows(facts).map((row) => {
    const choices = row.choices ? ` (${row.choices.join(', ')})` : '';
    return `    ${row.name.padEnd(16)} ${row.description}${choices}; in ${row.unit}, default ${JSON.stringify(row.fallback)}`;
  });
  return [
    `${facts.type}: ${facts.summary}`,
    '',
    ...(own ? ofThePlane(own) : []),
    ...(beside ? ofADriver(beside) : []),
    `  taken back   ${facts.undo}`,
    '  attributes',
    ...(attributes.length > 0 ? attributes : ['    none']),
    '',
  ].join('\n');
}

function ofThePlane(fault: AnyFault): readonly string[] {
  return [
    `  acts on      ${fault.protocols.join(', ')}`,
    `  stream       ${fault.streams.join(' or ')}`,
    `  match        ${[...fault.matchKeys, 'first', 'after', 'every'].join(', ')}`,
    `  driver       ${['none: the data plane', ...carriers(fault.type)].join(', or ')}`,
  ];
}

function ofADriver(fault: AnyAdminFacts): readonly string[] {
  return [
    `  acts on      ${fault.unit}`,
    `  toxicity     ${fault.shares ? `the share of ${fault.unit} that it takes` : '100%'}`,
    `  driver       ${carriers(fault.type).join(', or ')}`,
  ];
}

/** Kinds of drivers that can carry a fault. */
function carriers(type: string): readonly string[] {
  return [...DRIVER_KINDS.values()].filter(({ types }) => types.includes(type)).map(({ kind }) => kind);
}
