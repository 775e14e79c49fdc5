import { z } from 'zod';
import { driversSchema } from '../core/driver-fields.ts';
import { isHttp, PROTOCOLS, type ProxyDeclaration } from '../core/protocol.ts';
import { protocolError, toxicsSchema } from './config-toxics.ts';
import type { ManualToxic } from './contract.ts';

/** The data plane's control address where nobody names another; the port is Toxiproxy's. */
export const DEFAULT_CONTROL = '127.0.0.1:8474';

const ADDRESS = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]*):(\d{1,5})$/i;

function isAddress(text: string): boolean {
  const port = ADDRESS.exec(text)?.[2];
  return port !== undefined && Number(port) <= 65_535;
}

/** `host:port`, `[v6]:port`, or `:port` for all interfaces; port 0 takes a free one. */
const listenSchema = z
  .string()
  .refine(isAddress, 'write it as host:port, such as "127.0.0.1:15432"')
  .describe('Address to listen on, as host:port; port 0 takes a free one.');

export const tlsSchema = z
  .strictObject({
    listen: z
      .strictObject({ cert: z.string().min(1), key: z.string().min(1) })
      .optional()
      .describe(
        "Certificate and key files in PEM, to end the client's TLS here, so that message faults see what is under it.",
      ),
    upstream: z
      .enum(['off', 'require', 'verify'])
      .optional()
      .describe(
        'Whether to speak TLS to the upstream, and whether its certificate must be valid for its host.',
      ),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe('File with the certificates, in PEM, that "verify" trusts in place of the system\'s.'),
  })
  .describe("TLS on either side; files are relative to this file's folder.");

export const addressesSchema = z
  .record(z.string(), z.string().refine(isAddress, 'write it as host:port'))
  .superRefine((addresses, context) => {
    for (const from of Object.keys(addresses)) {
      if (isAddress(from)) continue;
      context.addIssue({ code: 'custom', path: [from], message: 'name the node as host:port' });
    }
  })
  .describe(
    'On redis: addresses of nodes in Cluster and Sentinel replies, and the proxies to send clients to instead, both as host:port.',
  );

const proxySchema = z.strictObject({
  protocol: z.enum(PROTOCOLS).default('tcp').describe('What the proxy speaks.'),
  listen: listenSchema,
  upstream: z
    .string()
    .min(1)
    .describe('Where it forwards to: host:port, or for HTTP protocols also an http or https URL.'),
  tls: tlsSchema.optional(),
  addresses: addressesSchema.optional(),
});
type ProxyInput = z.output<typeof proxySchema>;

/** Proxies by name, as experiment files hold them. */
export const proxiesSchema = byName(proxySchema.superRefine(checkProxy));

function byName<T extends ProxyInput>(proxy: z.ZodType<T>) {
  return z
    .record(z.string().regex(/^[A-Za-z0-9][\w-]{0,62}$/), proxy)
    .superRefine((proxies, context) => {
      const owners = new Map<string, string>();
      for (const [name, { listen }] of Object.entries(proxies)) {
        const owner = owners.get(listen);
        if (owner !== undefined) {
          context.addIssue({
            code: 'custom',
            path: [name, 'listen'],
            message: `proxy "${owner}" already listens on ${listen}`,
          });
        } else if (!listen.endsWith(':0')) owners.set(listen, name);
      }
    })
    .describe('Proxies by name.');
}

function checkProxy({ protocol, upstream, addresses }: ProxyInput, context: z.RefinementCtx): void {
  if (addresses && protocol !== 'redis') {
    const message = `only a redis proxy rewrites addresses; this one speaks ${protocol}`;
    context.addIssue({ code: 'custom', path: ['addresses'], message });
  }
  const wrong = upstreamError(protocol, upstream);
  if (wrong) context.addIssue({ code: 'custom', path: ['upstream'], message: wrong });
}

function checkToxics(
  { protocol, toxics }: Pick<ProxyInput, 'protocol'> & { readonly toxics: readonly ManualToxic[] },
  context: z.RefinementCtx,
): void {
  toxics.forEach((toxic, index) => {
    const message = protocolError(toxic, protocol);
    if (message) context.addIssue({ code: 'custom', path: ['toxics', index, 'type'], message });
  });
}

/** A `faultline.yaml`. */
export const proxyFileSchema = z.strictObject({
  control: listenSchema.default(DEFAULT_CONTROL).describe("Address of the data plane's control API."),
  allowedHosts: z
    .array(z.string().min(1))
    .default([])
    .describe('Host names with dots that the control API answers to.'),
  proxies: byName(
    proxySchema
      .extend({ toxics: toxicsSchema.default([]) })
      .superRefine(checkProxy)
      .superRefine(checkToxics),
  ).default({}),
  // A data plane has no use for them; experiments do.
  drivers: driversSchema,
});

/** An entry of Toxiproxy's own configuration file, a JSON array; what it does not know it passes over, and so do we. */
export const toxiproxyFileSchema = z.array(
  z
    .object({
      name: z.string().min(1),
      listen: z.string().default(':0').pipe(listenSchema),
      upstream: z.string().min(1),
      enabled: z.boolean().default(true),
      protocol: z.enum(PROTOCOLS).default('tcp'),
      tls: tlsSchema.optional(),
      toxics: toxicsSchema.default([]),
    })
    .superRefine(checkToxics),
);

/** Why an upstream does not fit its protocol. */
function upstreamError(protocol: ProxyDeclaration['protocol'], upstream: string): string | undefined {
  if (isAddress(upstream) && !upstream.startsWith(':')) return undefined;
  const url = isHttp(protocol) && URL.canParse(upstream) ? new URL(upstream) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    const also = isHttp(protocol) ? ' or as an http or https URL' : '';
    return `write it as host:port${also}; the proxy speaks ${protocol}`;
  }
  if (url.username || url.password || url.search || url.hash) {
    return 'leave out user, password, query and fragment: clients send their own';
  }
  return undefined;
}
