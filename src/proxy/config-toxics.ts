import { z } from 'zod';
import { choiceErrors } from '../core/document.ts';
import type { Attributes, Stream } from '../core/fault.ts';
import { shareField } from '../core/fields.ts';
import type { Protocol } from '../core/protocol.ts';
import type { AnyFault } from '../faults/contract.ts';
import { FAULTS } from '../faults/index.ts';
import type { ManualToxic } from './contract.ts';
import { defaultStream } from './manual-toxics.ts';

const faults = [...FAULTS.values()].filter(({ manual }) => manual);
const byType = z.discriminatedUnion('type', faults.map(toxicSchema) as never);
choiceErrors.add(byType, { code: 'UNKNOWN_FAULT' });

/** Toxics of one proxy in a configuration file, with Toxiproxy's defaults for name and stream. */
export const toxicsSchema = z
  .array(byType as unknown as ReturnType<typeof toxicSchema>)
  .superRefine((toxics, context) => {
    const names = toxics.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      const message = `there is a toxic "${name}" already: give this one another name`;
      context.addIssue({ code: 'custom', path: [index], message });
    });
  })
  .describe('Toxics that `faultline proxy` begins with. The data plane of an experiment begins with none.');

/** Why a toxic cannot act on what its proxy speaks. */
export function protocolError({ type }: ManualToxic, protocol: Protocol): string | undefined {
  const { protocols } = FAULTS.get(type)!;
  if (protocols.includes(protocol)) return undefined;
  return `"${type}" acts on ${protocols.join(', ')}; the proxy speaks ${protocol}`;
}

function toxicSchema(fault: AnyFault) {
  return z
    .strictObject({
      name: z.string().min(1).optional().describe('Names it in the API; by default TYPE_STREAM.'),
      type: z.literal(fault.type).describe(fault.summary),
      stream: z
        .enum(fault.streams as [Stream, ...Stream[]])
        .default(defaultStream(fault))
        .describe('Direction of the bytes that it acts on.'),
      toxicity: shareField('Share of connections or requests that it takes.').default(1),
      attributes: (fault.attributes as z.ZodType<Attributes>).prefault({}),
    })
    .transform(
      ({ name, ...toxic }): ManualToxic => ({ name: name ?? `${toxic.type}_${toxic.stream}`, ...toxic }),
    );
}
