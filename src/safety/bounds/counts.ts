import type { Observation, ProxyObservation } from '../../core/observation.ts';

/** What a proxy gained from one observation to the next, over `ms` of the data plane's own time. */
export interface Gain {
  readonly proxy: string;
  readonly ms: number;
  readonly now: ProxyObservation;
  /** How much a count grew. */
  of(count: (seen: ProxyObservation) => number): number;
}

/** Turns counts that begin anew with each epoch into gains. */
export class Counts {
  #last: Observation | undefined;

  /** Nothing at the first observation: it counts since an unknown moment. */
  take(observation: Observation): readonly Gain[] {
    const last = this.#last;
    this.#last = observation;
    if (last?.instance !== observation.instance) return [];
    const ms = Math.max(0, observation.mono - last.mono);
    return Object.entries(observation.proxies).map(([proxy, now]) => {
      const before = last.epoch === observation.epoch ? last.proxies[proxy] : undefined;
      return { proxy, ms, now, of: (count) => count(now) - (before ? count(before) : 0) };
    });
  }
}
