import type { LoadSpec } from '../core/plan.ts';
import { maskUrls } from '../core/secrets.ts';
import { hostsOf, permissionOf } from '../safety/limits/index.ts';
import { kindOf } from './checks/index.ts';
import { KEY_PARAMETER } from './checks/keys.ts';
import type { Answer, Flaw } from './contract.ts';
import type { Suite } from './suite.ts';

/** An address that a file declares. */
interface Declared {
  /** `proxy "openai" of experiments/outage.yaml`. */
  readonly what: string;
  readonly address: string;
  /** What goes there is encrypted by other means than its scheme. */
  readonly encrypted?: boolean;
}

/**
 * What the declarations themselves give away: keys and passwords in addresses, and addresses of public hosts that are
 * reached without TLS. Nothing is asked.
 */
export function answerOfDeclarations(suite: Suite, retest: string): Answer {
  const all = unique(declaredBy(suite));
  return {
    check: 'vulnerabilities',
    source: { kind: 'declarations', name: 'declarations' },
    retest,
    // Clean files say nothing of the system.
    settles: false,
    shown: [`${all.length} addresses of proxies, probes, load and checks were read`],
    flaws: all.flatMap((declared) => [...plain(declared), ...keyed(declared), ...password(declared)]),
    untold: [],
  };
}

function declaredBy({ experiments, checks, load }: Suite): readonly Declared[] {
  const ofExperiments = experiments.flatMap(({ plan }) => {
    const of = (what: string) => `${what} of ${plan.source.file}`;
    return [
      ...plan.proxies.map(({ name, upstream, tls }) => ({
        what: `proxy "${name}"`,
        address: upstream,
        encrypted: tls?.upstream === 'require' || tls?.upstream === 'verify',
      })),
      ...plan.probes.flatMap((probe) =>
        'url' in probe ? [{ what: of(`probe "${probe.name}"`), address: probe.url }] : [],
      ),
      ...(plan.load ? addressesOf(plan.load) : []).map((address) => ({
        what: of('the load'),
        address,
      })),
    ];
  });
  return [
    ...ofExperiments,
    ...checks.flatMap(({ name, kind, spec }) =>
      kindOf(kind)
        .addresses(spec)
        .map((address) => ({ what: `check "${name}"`, address })),
    ),
    ...load.flatMap(({ spec }) =>
      addressesOf(spec).map((address) => ({
        what: `load "${spec.traffic.profile}"`,
        address,
      })),
    ),
  ];
}

/** What a load asks for. */
function addressesOf({ target, requests, traffic }: LoadSpec): readonly string[] {
  const paths = [...requests, ...(traffic?.scenarios ?? []).flatMap((scenario) => scenario.requests)];
  return [target, ...paths.map(({ path }) => `${target.replace(/\/+$/, '')}${path}`)];
}

/** Proxies of `faultline.yaml` come with every experiment. */
function unique(all: readonly Declared[]): readonly Declared[] {
  return [...new Map(all.map((one) => [`${one.what}\n${one.address}`, one])).values()];
}

/** Schemes that encrypt; of an address without one the driver decides, and it is taken for plain. */
const ENCRYPTED = /^(https|rediss):\/\//i;
/** What a Postgres driver encrypts by. */
const PG_ENCRYPTED = /[?&]sslmode=(require|verify-ca|verify-full)\b/i;

function plain({ what, address, encrypted }: Declared): readonly Flaw[] {
  if (encrypted || ENCRYPTED.test(address) || PG_ENCRYPTED.test(address)) return [];
  const open = (hostsOf(address) ?? []).filter((host) => host !== '' && isPublic(host));
  return open.map((host) => ({
    slug: `plain ${what}`,
    severity: 'high',
    claim: `What goes to ${host} goes over the internet in plain text.`,
    evidence: [`${what} leads to ${maskUrls(address).split('?')[0]}`],
    remedy: 'Reach public hosts over TLS only, and verify their certificates.',
  }));
}

function isPublic(host: string): boolean {
  return permissionOf({ allow: [], deny: [] }, host) === undefined;
}

function keyed({ what, address }: Declared): readonly Flaw[] {
  const parameters = [...address.matchAll(/[?&]([\w.-]+)=/g)].map(([, parameter]) => parameter!);
  const keys = parameters.filter((parameter) => KEY_PARAMETER.test(parameter));
  if (keys.length === 0) return [];
  return [
    {
      slug: `key-in-url ${what}`,
      severity: 'critical',
      claim: `${what[0]!.toUpperCase()}${what.slice(1)} carries a key in its URL.`,
      evidence: [`query parameter ${[...new Set(keys)].map((key) => `"${key}"`).join(', ')}`],
      remedy:
        'Send keys in headers only: URLs stand in the logs of everything that they pass. Replace the key.',
    },
  ];
}

function password({ what, address }: Declared): readonly Flaw[] {
  const given = /:\/\/[^\s/:@]*:([^\s/@]+)@/.exec(address)?.[1];
  if (given === undefined || /^\$\{\w+\}$/.test(given)) return [];
  return [
    {
      slug: `password ${what}`,
      severity: 'high',
      claim: `The password of ${what} stands in a file.`,
      evidence: [`the address ${maskUrls(address).split('?')[0]}`],
      remedy:
        'Keep passwords out of files: write the address as ${NAME}, list the name under "env" in the safety limits, and replace the password.',
    },
  ];
}
