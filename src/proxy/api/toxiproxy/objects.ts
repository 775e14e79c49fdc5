import { z } from 'zod';
import { PROTOCOLS, type ProxyDeclaration } from '../../../core/protocol.ts';
import { addressesSchema, tlsSchema } from '../../config-schema.ts';
import type { ManualToxic, ProxyHandle } from '../../contract.ts';

/** As in Go's JSON decoder, a null leaves the field at its default and unknown fields are passed over. */
function fields<T extends z.ZodRawShape>(shape: T) {
  return z.preprocess(
    (value) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
        : value,
    z.object(shape),
  );
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

export function toxicView({ attributes, name, type, stream, toxicity }: ManualToxic) {
  return { attributes, name, type, stream, toxicity };
}
