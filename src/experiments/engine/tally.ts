import type { CountedFault } from '../../core/fault.ts';
import type { Observation } from '../../core/observation.ts';

/** The newest counts of the faults in force, from renewals and observations, for when no last answer comes. */
export interface Tally {
  renewed(faults: readonly CountedFault[]): void;
  observed(observation: Observation): void;
  readonly counts: readonly CountedFault[];
}

export function createTally(): Tally {
  let counts: readonly CountedFault[] = [];
  return {
    renewed(faults) {
      counts = faults;
    },
    observed(observation) {
      counts = counts.map((fault) => {
        const seen = observation.proxies[fault.proxy]?.faults[fault.id];
        return seen && seen.matched >= fault.matched ? { ...fault, ...seen } : fault;
      });
    },
    get counts() {
      return counts;
    },
  };
}
