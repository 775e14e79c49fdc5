import { FaultlineError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type { AnyFault } from '../faults/contract.ts';
import { attributeRows } from '../faults/describe.ts';
import { FAULTS } from '../faults/index.ts';

/** `faultline faults [type]`: the catalogue, or one fault in full. */
export async function faults(type: string | undefined): Promise<number> {
  process.stdout.write(type === undefined ? catalogue() : inFull(find(type)));
  return 0;
}

function catalogue(): string {
  const all = [...FAULTS.values()].sort((left, right) => left.type.localeCompare(right.type));
  const width = Math.max(...all.map((fault) => fault.type.length));
  const lines = all.map((fault) => `  ${fault.type.padEnd(width)}  ${fault.summary}`);
  return `${lines.join('\n')}\n\nOne in full: faultline faults ${all[0]?.type ?? 'TYPE'}\n`;
}

function find(type: string): AnyFault {
  const fault = FAULTS.get(type);
  if (!fault)
    throw new FaultlineError('UNKNOWN_FAULT', { type, suggestion: didYouMean(type, FAULTS.keys()) });
  return fault;
}

function inFull(fault: AnyFault): string {
  const attributes = attributeRows(fault).map((row) => {
    const choices = row.choices ? ` (${row.choices.join(', ')})` : '';
    return `    ${row.name.padEnd(16)} ${row.description}${choices}; in ${row.unit}, default ${JSON.stringify(row.fallback)}`;
  });
  return [
    `${fault.type}: ${fault.summary}`,
    '',
    `  acts on      ${fault.protocols.join(', ')}`,
    `  stream       ${fault.streams.join(' or ')}`,
    `  match        ${[...fault.matchKeys, 'first', 'after', 'every'].join(', ')}`,
    `  taken back   ${fault.undo}`,
    '  attributes',
    ...(attributes.length > 0 ? attributes : ['    none']),
    '',
  ].join('\n');
}
