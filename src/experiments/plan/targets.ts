import type { Path } from '../../core/document.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { LoadSpec, Plan, ProbeSpec } from '../../core/plan.ts';
import { addressOf } from '../../drivers/catalogue.ts';
import { hostsOf, type Refusal, refuseTarget } from '../../safety/limits/index.ts';
import { loadsOf } from './load.ts';

/** A host that an experiment touches, and what for. */
export interface Target {
  readonly host: string;
  readonly what: 'proxy' | 'driver' | 'probe' | 'load';
  /** Name of the proxy, driver or probe. */
  readonly name: string;
  /** Where a load stands in the file. */
  readonly path?: Path;
}

/** Hosts of upstreams, probes and load. Those behind `${NAME}` are not known before they are used. */
export function targetsOf({
  proxies,
  drivers = [],
  probes,
  load,
  steps = [],
}: Pick<Plan, 'proxies' | 'drivers'> & {
  readonly probes: readonly ProbeSpec[];
  readonly load?: LoadSpec;
  readonly steps?: Plan['steps'];
}): readonly Target[] {
  const all = [
    ...proxies.map(({ name, upstream }) => ({ address: upstream, what: 'proxy' as const, name })),
    ...drivers.map((driver) => ({
      address: addressOf(driver),
      what: 'driver' as const,
      name: driver.name,
    })),
    ...probes.flatMap((probe) =>
      'url' in probe ? [{ address: probe.url, what: 'probe' as const, name: probe.name }] : [],
    ),
    ...loadsOf(load, steps).map(({ load: { target }, path }) => ({
      address: target,
      what: 'load' as const,
      name: 'load',
      path,
    })),
  ];
  return all.flatMap(({ address, ...target }) =>
    (hostsOf(address) ?? []).map((host) => ({ ...target, host })),
  );
}

/** Targets that the limits refuse, each with the reason. */
export function refusedTargets(
  targets: readonly Target[],
  limits: SafetyLimits,
): readonly { readonly target: Target; readonly refusal: Refusal }[] {
  return targets.flatMap((target) => {
    const refusal = refuseTarget(limits.targets, target.host);
    return refusal ? [{ target, refusal }] : [];
  });
}
