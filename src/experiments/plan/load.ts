import type { Path } from '../../core/document.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { LoadSpec } from '../../core/plan.ts';
import { asksForTraffic, InvalidTraffic, toTraffic } from '../../load/traffic.ts';
import type { LoadInput } from '../schema/load.ts';
import type { Problems } from './problems.ts';

const STEADY = { connections: 10, rate: 10 };

/** @param path where the load stands @returns undefined where its parts do not fit, which is told */
export function planLoad(input: LoadInput, path: Path, problems: Problems): LoadSpec | undefined {
  const { target, connections, rate, paths, requests } = input;
  if (!asksForTraffic(input)) {
    const gets = (paths ?? ['/']).map((one) => ({ method: 'GET', path: one, headers: {}, weight: 1 }));
    return {
      target,
      connections: connections ?? STEADY.connections,
      rate: rate ?? STEADY.rate,
      requests: requests ?? gets,
    };
  }
  try {
    // What a profile must meet is said of days without faults.
    return toTraffic({ ...input, thresholds: input.thresholds ?? [] });
  } catch (error) {
    if (error instanceof InvalidTraffic) {
      problems.add('INVALID', { reason: error.message }, [...path, error.key]);
    } else if (error instanceof FaultlineError) {
      problems.addPlaced(error, [...path, 'profile']);
    } else throw error;
    return undefined;
  }
}

/** Every load of an experiment, and where it stands. */
export function loadsOf(
  load: LoadSpec | undefined,
  steps: readonly { readonly load?: LoadSpec }[],
): readonly { readonly load: LoadSpec; readonly path: Path }[] {
  return [
    ...(load ? [{ load, path: ['load'] }] : []),
    ...steps.flatMap((step, index) =>
      step.load ? [{ load: step.load, path: ['steps', index, 'load'] }] : [],
    ),
  ];
}
