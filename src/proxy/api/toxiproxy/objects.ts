import { z } from 'zod';
import type { Attributes } from '../../../core/fault.ts';
import { PROTOCOLS, type ProxyDeclaration } from '../../../core/protocol.ts';
import { FAULTS } from '../../../faults/index.ts';
import { addressesSchema, tlsSchema } from '../../config-schema.ts';
import type { ManualToxic, ProxyHandle } from '../../contract.ts';

/**
 * As in Go's JSON decoder, names are taken in any case (the .NET library sends `Name`), a null leaves the field or the
 * whole at its default, and unknown fields are passed over.
 */
function fields<T extends z.ZodRawShape>(shape: T) {
  return z.preprocess(
    (value) => (isRecord(value) ? inOwnCase(value, Object.keys(shape)) : (value ?? {})),
    z.object(shape),
  );
}

/** The fields of an object that are not null, each by that one of `names` that is the same but for its case. */
export function inOwnCase(
  value: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  const own = new Map(names.map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [own.get(name.toLowerCase()) ?? name, field]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

export const newProxySchema = fields({
  name: z.string().default(''),
  listen: z.string().default(''),
  upstream: z.string().default(''),
  enabled: z.boolean().default(true),
  protocol: z.enum(PROTOCOLS).default('tcp'),
  tls: tlsSchema.optional(),
  addresses: addressesSchema.optional(),
});
export type NewProxy = z.output<typeof newProxySchema>;

/** As Go reads a list: null is an empty one. */
export const newProxiesSchema = z.preprocess((value) => value ?? [], z.array(newProxySchema));

export const proxyChangeSchema = fields({
  listen: z.string().optional(),
  upstream: z.string().optional(),
  enabled: z.boolean().optional(),
});

const attributes = z.record(z.string(), z.unknown());

export const newToxicSchema = fields({
  name: z.string().default(''),
  type: z.string().default(''),
  stream: z.string().optional(),
  toxicity: z.number().default(1),
  attributes: attributes.default({}),
});

export const toxicChangeSchema = fields({
  toxicity: z.number().optional(),
  attributes: attributes.optional(),
});

export function declarationOf({
  name,
  listen,
  upstream,
  protocol,
  tls,
  addresses,
}: NewProxy): ProxyDeclaration {
  return { name, listen, upstream, protocol, ...(tls ? { tls } : {}), ...(addresses ? { addresses } : {}) };
}

/** A proxy as Toxiproxy shows it; `protocol` and `tls` appear only where they are not its own plain TCP. */
export function proxyView(proxy: ProxyHandle) {
  const { listen, upstream, protocol, tls, addresses } = proxy.declaration;
  return {
    name: proxy.name,
    listen,
    upstream,
    enabled: proxy.enabled,
    ...(protocol === 'tcp' ? {} : { protocol }),
    ...(tls ? { tls } : {}),
    ...(addresses ? { addresses } : {}),
    toxics: toxicsView(proxy),
  };
}

/** Upstream ones first, each stream in order of addition. */
export function toxicsView(proxy: ProxyHandle) {
  const on = (stream: string) => proxy.toxics.filter((toxic) => toxic.stream === stream);
  return [...on('upstream'), ...on('downstream')].map(toxicView);
}

/**
 * A toxic as Toxiproxy shows it. Its own attributes are all numbers, and some libraries read nothing else: what is no
 * number appears only where it is not at its default.
 */
export function toxicView({ attributes, name, type, stream, toxicity }: ManualToxic) {
  const defaults = FAULTS.get(type)!.attributes.parse({}) as Attributes;
  const shown = Object.entries(attributes).filter(
    ([attribute, value]) => typeof value === 'number' || value !== defaults[attribute],
  );
  return { attributes: Object.fromEntries(shown), name, type, stream, toxicity };
}
