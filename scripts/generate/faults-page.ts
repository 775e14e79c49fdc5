import { ADMIN_FAULTS, DRIVER_KINDS, type FaultFacts } from '../../src/drivers/catalogue.ts';
import type { AnyFault } from '../../src/faults/contract.ts';
import { type AttributeRow, attributeRows } from '../../src/faults/describe.ts';
import { FAULTS } from '../../src/faults/index.ts';
import { table } from './markdown.ts';

/** What each layer acts on; a layer that is not told here gets its own section all the same. */
const LAYERS: Readonly<Record<string, string>> = {
  listener: 'Act on connections: whether they are accepted, and the live ones.',
  bytes: 'Act on the bytes of a connection, in one direction.',
  http: 'Act on requests and their answers.',
  message: 'Act on commands and statements of a wire protocol.',
};

/** `docs/faults.md`: the catalogue, one table per layer. */
export function faultsPage(): string {
  const faults = [...FAULTS.values()].sort((left, right) => left.type.localeCompare(right.type, 'en'));
  const known = Object.keys(LAYERS);
  const layers = [...new Set([...known, ...faults.map(({ layer }) => layer as string)])];
  const sections = layers.flatMap((layer) => {
    const own = faults.filter((fault) => fault.layer === layer);
    if (own.length === 0) return [];
    const rows = own.map(rowOf);
    const header = [
      'type',
      'protocols',
      'stream',
      'attributes',
      'what it does',
      'taken back',
      '`match` sees',
    ];
    return [`## ${layer}\n\n${LAYERS[layer] ?? ''}\n\n${table(header, rows)}`];
  });
  return `${[INTRODUCTION, ...sections, ...driverSections()].join('\n\n')}\n`;
}

/** What only drivers beside the data plane have. */
function driverSections(): readonly string[] {
  const header = ['type', 'acts on', 'attributes', 'what it does', 'taken back'];
  return [...DRIVER_KINDS.values()].flatMap(({ kind, what, types }) => {
    const own = types.flatMap((type) => ADMIN_FAULTS.get(type) ?? []);
    if (own.length === 0) return [];
    const rows = own.map((fault) => [
      `\`${fault.type}\``,
      fault.unit,
      attributes(fault),
      sentence(fault.summary),
      takenBack(fault),
    ]);
    return [
      `## ${kind}\n\nBy ${what}, with \`driver\` in place of \`proxy\`: see [drivers](drivers.md).\n\n${table(header, rows)}`,
    ];
  });
}

const INTRODUCTION = `# Faults

Generated from the catalogue by \`npm run generate\`. \`faultline faults TYPE\` tells one in full.

A number takes its unit in the text (\`250ms\`, \`4s\`, \`64KiB\`, \`25%\`) or none, and is then in the unit named here. In an experiment every number may be a ramp \`{ from, to }\` over its step.
\`match\` also takes \`first\`, \`after\` and \`every\`, for every fault.`;

function rowOf(fault: AnyFault): readonly string[] {
  return [
    `\`${fault.type}\``,
    fault.protocols.length > 4 && fault.protocols.includes('tcp') ? 'any' : fault.protocols.join(', '),
    fault.layer === 'bytes' ? fault.streams.join(', ') : '–',
    attributes(fault),
    sentence(fault.summary),
    takenBack(fault),
    fault.matchKeys.join(', ') || '–',
  ];
}

function attributes(fault: FaultFacts): string {
  return attributeRows(fault).map(attribute).join('; ') || 'none';
}

function takenBack({ undo, endsConnections }: FaultFacts): string {
  return sentence(capital(undo)) + (endsConnections ? ' Ends connections.' : '');
}

function attribute({ name, unit, fallback, choices }: AttributeRow): string {
  const value = fallback === undefined ? 'none' : `\`${JSON.stringify(fallback)}\``;
  return `\`${name}\` (${choices ? choices.join(' / ') : unit}, default ${value})`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
