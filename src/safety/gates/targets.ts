import type { SafetyLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { expandVariables } from '../../core/secrets.ts';
import { hostOf, refuseTarget } from '../limits/index.ts';
import { type Gate, type GateContext, no, yes } from './gate.ts';

interface Target {
  /** Whose address it is: `proxy openai`. */
  readonly what: string;
  readonly address: string;
}

/** Every host that the run will touch, with variables as they stand now: a file can hide a production host behind one. */
export const targets: Gate = {
  name: 'targets allowed',
  async check({ plan, limits, environment }) {
    const all = targetsOf(plan);
    for (const target of all) {
      const refused = refusalOf(target, limits, environment);
      if (refused) return no(`${target.what}: ${refused}`);
    }
    return yes(`${all.length} addresses are private or allowed, none is denied`);
  },
};

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
  ];
}

function refusalOf(
  { address }: Target,
  limits: SafetyLimits,
  environment: GateContext['environment'],
): string | undefined {
  const expanded = expandVariables(address, environment, limits.env);
  if ('refused' in expanded) {
    return expanded.why === 'not-set'
      ? `variable ${expanded.refused} is not set`
      : `variable ${expanded.refused} is not listed under "env" in safety-limits.yaml`;
  }
  const host = hostOf(expanded.text);
  if (!host) return 'its host cannot be read from its address';
  const refusal = refuseTarget(limits.targets, host);
  if (!refusal) return undefined;
  return refusal.why === 'denied'
    ? `host "${refusal.host}" is denied by "${refusal.rule}" in safety-limits.yaml`
    : `host "${refusal.host}" is public and not allowed under "targets" in safety-limits.yaml`;
}
