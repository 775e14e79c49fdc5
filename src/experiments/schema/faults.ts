import { z } from 'zod';
import { choiceErrors } from '../../core/document.ts';
import type { AttributeValue, Match, Stream } from '../../core/fault.ts';
import { shareField } from '../../core/fields.ts';
import type { Ramp } from '../../core/plan.ts';
import type { AnyAdminFacts } from '../../drivers/catalogue.ts';
import type { AnyFault, MatchKey } from '../../faults/contract.ts';

/** A fault as a step lists it, with units read. */
export interface FaultInput {
  readonly id?: string;
  /** Absent for the data plane. */
  readonly driver?: string;
  /** Absent where the driver has no proxies. */
  readonly proxy?: string;
  readonly type: string;
  readonly stream?: Stream;
  readonly toxicity: number | Ramp;
  readonly match: Match;
  readonly attributes: Readonly<Record<string, AttributeValue | Ramp>>;
}

const MATCH = {
  client: z.string().min(1).describe("The client's address, or a CIDR such as 10.0.0.0/8."),
  method: z.string().min(1).describe('HTTP method (glob).'),
  path: z.string().min(1).describe('Path without the query (glob).'),
  headers: z.record(z.string(), z.string()).describe('Header names with globs of their values.'),
  model: z.string().min(1).describe('Model of an AI request (glob).'),
  sql: z
    .string()
    .min(1)
    .refine(isPattern, 'not a regular expression')
    .describe('Regular expression on the statement.'),
  command: z.string().min(1).describe('Redis command, or command tag of Postgres (glob).'),
  user: z.string().min(1).describe('Postgres user (glob).'),
  database: z.string().min(1).describe('Postgres database (glob).'),
  key: z.string().min(1).describe('Redis key (glob).'),
} as const satisfies Record<MatchKey, z.ZodType>;

const COUNTED = {
  first: z.int().min(1).optional().describe('Take only this many units.'),
  after: z.int().min(0).optional().describe('Skip this many units first.'),
  every: z.int().min(1).optional().describe('Take one unit in this many, beginning with the first.'),
};

export const MATCH_KEYS = Object.keys(MATCH) as readonly MatchKey[];

/** Units of attributes that may be ramped. */
const NUMERIC = new Set(['ms', 'µs', 'bytes', 'KB/s', 'share', 'count']);

/**
 * One fault of a step, by its type.
 * @param faults the catalogue
 * @param beside what only drivers beside the data plane have
 * @param keys what a fault's `match` may hold; by default any key, so that one it cannot see is told apart from a typing error
 */
export function faultsSchema(
  faults: Iterable<AnyFault>,
  beside: Iterable<AnyAdminFacts>,
  keys: (fault: AnyFault) => readonly MatchKey[] = () => MATCH_KEYS,
): z.ZodType<FaultInput> {
  const options = [
    ...[...faults].map((fault) => faultSchema(fault, keys(fault))),
    ...[...beside].map(adminFaultSchema),
  ];
  const schema = z.discriminatedUnion('type', options as never);
  choiceErrors.add(schema, { code: 'UNKNOWN_FAULT' });
  return schema as unknown as z.ZodType<FaultInput>;
}

const id = z.string().min(1).optional().describe('Names the fault in counts and reports.');

function faultSchema(fault: AnyFault, keys: readonly MatchKey[]) {
  const seen = Object.fromEntries(keys.map((key) => [key, MATCH[key].optional()]));
  return z
    .strictObject({
      id,
      driver: z
        .string()
        .min(1)
        .optional()
        .describe('Driver that carries it; without one, the data plane of Faultline.'),
      proxy: z.string().min(1).describe('Proxy that the fault acts on.'),
      type: z.literal(fault.type).describe(fault.summary),
      stream: z
        .enum(fault.streams as [Stream, ...Stream[]])
        .optional()
        .describe('Direction of the bytes that it acts on.'),
      toxicity: ramped(shareField('Share of units that the fault takes.')).default(1),
      match: z
        .strictObject({ ...seen, ...COUNTED })
        .default({})
        .describe('Narrows the fault to some traffic.'),
      attributes: attributesSchema(fault).prefault({}),
    })
    .describe(`${fault.summary} On ${fault.protocols.join(', ')}.`);
}

function adminFaultSchema(fault: AnyAdminFacts) {
  return z
    .strictObject({
      id,
      driver: z.string().min(1).describe('Driver that carries it.'),
      type: z.literal(fault.type).describe(fault.summary),
      toxicity: ramped(
        shareField(fault.shares ? `Share of the ${fault.unit} that the fault takes.` : 'Always 100%.'),
      ).default(1),
      match: z.strictObject({}).default({}).describe('Always empty: its attributes narrow it.'),
      attributes: attributesSchema(fault).prefault({}),
    })
    .describe(`${fault.summary}.`);
}

function attributesSchema(fault: Pick<AnyFault, 'attributes'>): z.ZodType<Record<string, unknown>> {
  const { shape } = fault.attributes as z.ZodObject;
  const fields = Object.entries(shape).map(([name, field]) => [
    name,
    NUMERIC.has(unitOf(field as z.ZodType)) ? ramped(field as z.ZodType<number>) : field,
  ]);
  return z.strictObject(Object.fromEntries(fields));
}

interface NumericField {
  readonly schema: z.ZodType<number>;
  readonly unit: string;
}

/** What of a fault is a number and may change: its attributes, and its toxicity. */
export function numericFields({
  attributes,
}: Pick<AnyFault, 'attributes'>): ReadonlyMap<string, NumericField> {
  const { shape } = attributes as z.ZodObject;
  const own = Object.entries(shape)
    .map(([name, field]) => {
      const schema = field as z.ZodType<number>;
      return [name, { schema, unit: unitOf(schema) }] as const;
    })
    .filter(([, { unit }]) => NUMERIC.has(unit));
  return new Map([
    ...own,
    ['toxicity', { schema: shareField('Share of units that the fault takes.'), unit: 'share' }],
  ]);
}

function unitOf(field: z.ZodType): string {
  return String(field.meta()?.unit);
}

/** A number of `field`, or `{ from, to }` of them. */
function ramped(field: z.ZodType<number>): z.ZodType<number | Ramp> {
  const end = z.union([z.number(), z.string()], { error: () => 'expected a number, with its unit' });
  const ramp = z
    .strictObject({ from: end, to: end })
    .transform(({ from, to }, context): Ramp => {
      const ends = { from: field.safeParse(from), to: field.safeParse(to) };
      for (const [name, { error }] of Object.entries(ends)) {
        for (const issue of error?.issues ?? []) {
          context.addIssue({ code: 'custom', path: [name], message: issue.message });
        }
      }
      return { from: ends.from.data ?? 0, to: ends.to.data ?? 0 };
    })
    .describe('Changes linearly over the step.');
  const fallback = field.safeParse(undefined);
  return z
    .union([field, ramp], { error: () => 'expected a number with its unit, or a ramp { from, to }' })
    .meta({ ...field.meta(), ...(fallback.success ? { default: fallback.data } : {}) });
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source, 'i');
    return true;
  } catch {
    return false;
  }
}
