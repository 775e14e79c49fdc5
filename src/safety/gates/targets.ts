import { lookup } from 'node:dns/promises';
import type { SafetyLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { expandVariables } from '../../core/secrets.ts';
import { hostsOf, isName, permissionOf, type Refusal, refuseAddress, refuseTarget } from '../limits/index.ts';
import { type Gate, type GateContext, no, yes } from './gate.ts';

interface Target {
  /** Whose address it is: `proxy "openai"`. */
  readonly what: string;
  readonly address: string;
}

/** What a gate says of one host. */
export interface JudgedTarget {
  readonly what: string;
  /** Absent where the address gives none. */
  readonly host?: string;
  readonly allowed: boolean;
  /** In a sentence without a full stop. */
  readonly because: string;
}

type AddressContext = Pick<GateContext, 'limits' | 'environment' | 'resolve'>;
type TargetContext = AddressContext & Pick<GateContext, 'plan'>;

/**
 * Every host that the run will touch, with variables as they stand now, since a file can hide a production host behind one,
 * and with the addresses that names lead to now: a name that looks private may be anybody's.
 */
export const targets: Gate = {
  name: 'targets allowed',
  async check(context) {
    const all = await judgeTargets(context);
    const refused = all.find(({ allowed }) => !allowed);
    if (refused) return no(`${refused.what}: ${refused.because}`);
    return yes(`${all.length} addresses are private or allowed, none is denied`);
  },
};

/** All hosts of a plan, each with what the limits say of it. */
export async function judgeTargets(context: TargetContext): Promise<readonly JudgedTarget[]> {
  const judged = await Promise.all(targetsOf(context.plan).map((target) => judgeAddress(target, context)));
  return judged.flat();
}

function targetsOf(plan: Plan): readonly Target[] {
  return [
    ...plan.proxies.map(({ name, upstream }) => ({ what: `proxy "${name}"`, address: upstream })),
    ...(plan.drivers ?? []).map((driver) => ({
      what: `driver "${driver.name}"`,
      address: 'url' in driver ? driver.url : driver.control,
    })),
    ...plan.probes.flatMap((probe) =>
      probe.kind === 'command' ? [] : [{ what: `probe "${probe.name}"`, address: probe.url }],
    ),
    ...(plan.load ? [{ what: 'load', address: plan.load.target }] : []),
    ...plan.steps.flatMap(({ name, load }) =>
      load ? [{ what: `load of step "${name}"`, address: load.target }] : [],
    ),
  ];
}

/** Every host of one address, with its variables as they stand now and the addresses that its names lead to now. */
export async function judgeAddress(
  { what, address }: Target,
  context: AddressContext,
): Promise<readonly JudgedTarget[]> {
  const { limits, environment } = context;
  const refused = (because: string) => [{ what, allowed: false, because }];
  const expanded = expandVariables(address, environment, limits.env);
  if ('refused' in expanded) {
    return refused(
      expanded.why === 'not-set'
        ? `variable ${expanded.refused} is not set`
        : `variable ${expanded.refused} is not listed under "env" in safety-limits.yaml`,
    );
  }
  const hosts = hostsOf(expanded.text);
  if (!hosts || hosts.includes('')) return refused('its host cannot be read from its address');
  if (hosts.length === 0) return [{ what, allowed: true, because: 'it is a socket of this machine' }];
  return Promise.all(hosts.map(async (host) => ({ what, host, ...(await judgeHost(host, context)) })));
}

async function judgeHost(
  host: string,
  { limits: { targets }, resolve = addressesOf }: AddressContext,
): Promise<Pick<JudgedTarget, 'allowed' | 'because'>> {
  const refusal = refuseTarget(targets, host);
  if (refusal) return { allowed: false, because: `host "${refusal.host}" ${reasonFor(refusal)}` };
  const because = permitted(targets, host);
  if (!isName(host)) return { allowed: true, because };
  let addresses: readonly string[];
  try {
    addresses = await resolve(host);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = `host "${host}" cannot be looked up (${code ?? message}), so that it cannot be told where it leads`;
    return { allowed: false, because: why };
  }
  for (const address of addresses) {
    const worse = refuseAddress(targets, host, address);
    if (worse)
      return { allowed: false, because: `host "${host}" leads to ${address}, which ${reasonFor(worse)}` };
  }
  return { allowed: true, because: `${because}, and leads to ${addresses.join(', ')}` };
}

function permitted(targets: SafetyLimits['targets'], host: string): string {
  const permission = permissionOf(targets, host);
  if (permission && 'rule' in permission) return `"${permission.rule}" allows it`;
  return `it is a private ${permission?.private ?? 'one'}`;
}

function reasonFor(refusal: Refusal): string {
  return refusal.why === 'denied'
    ? `is denied by "${refusal.rule}" in safety-limits.yaml`
    : 'is public and not allowed under "targets" in safety-limits.yaml';
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host.replace(/\.$/, ''), { all: true });
  return found.map(({ address }) => address);
}
