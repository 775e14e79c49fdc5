import { meets } from '../../core/expectation.ts';
import { bringsLoad } from './steps.ts';
import { type Traffic, trafficIn } from './traffic.ts';
import type { FaultSpan, ProbeView, ProxyView, RunView } from './view.ts';
import { between, type TimedSample } from './window.ts';

/** Samples that ended while faults were in force. */
export function underFault(view: RunView, probe: ProbeView): readonly TimedSample[] {
  return view.faulted ? between(probe.samples, view.faulted.from, view.faulted.to) : [];
}

/** Samples that ended before the first fault. */
export function beforeFault(view: RunView, probe: ProbeView): readonly TimedSample[] {
  return between(probe.samples, Number.NEGATIVE_INFINITY, view.firstFaultAt ?? Number.POSITIVE_INFINITY);
}

/** What a proxy carried before the first fault. */
export function trafficBefore(view: RunView, proxy: ProxyView): Traffic {
  return trafficIn(proxy.ticks, Number.NEGATIVE_INFINITY, view.firstFaultAt ?? Number.POSITIVE_INFINITY);
}

export function trafficDuring({ ticks }: ProxyView, span: FaultSpan): Traffic {
  return trafficIn(ticks, span.from, span.to);
}

/** Times in which each step's faults were in force, with the step's name. */
export function stepSpans(view: RunView): readonly (FaultSpan & { readonly name: string })[] {
  return view.steps.flatMap(({ name, from, to }) =>
    from === null ? [] : [{ name, from, to: to ?? view.faulted?.to ?? view.endAt }],
  );
}

/** When the last step that had a fault or a load of its own was over; steps after it have neither. */
export function lastFaultEnd(view: RunView): number {
  const end = view.faulted?.to ?? view.endAt;
  const last = view.steps.findLast(
    ({ faults, planned }) => faults.length > 0 || (planned && bringsLoad(planned)),
  );
  return Math.min(end, last?.to ?? end);
}

/**
 * Samples in which a user got nothing: no answer or a wrong one, or a count of what was done below the least expected. A
 * queue that grew too long is a sign of trouble and not a refusal.
 */
export function withheld(probe: ProbeView, samples: readonly TimedSample[]): readonly TimedSample[] {
  const floors = probe.spec?.expect.filter(
    ({ measure, operator }) => measure === 'value' && operator.startsWith('>'),
  );
  return samples.filter(
    ({ ok, value }) => !ok && (value === undefined || floors?.some((floor) => !meets(floor, value)) === true),
  );
}

export function shareFailed(samples: readonly TimedSample[]): number {
  return samples.length === 0 ? Number.NaN : samples.filter((sample) => !sample.ok).length / samples.length;
}

/** Whether a probe asks one of the proxies that had faults, told by the address in its URL. */
export function asksFaulted(view: RunView, probe: ProbeView): boolean {
  if (!probe.spec || !('url' in probe.spec)) return false;
  const at = hostOf(probe.spec.url);
  return view.proxies.some((proxy) => proxy.faulted && addressesOf(view, proxy.name).includes(at));
}

function addressesOf(view: RunView, proxy: string): readonly string[] {
  const declared = view.plan?.proxies.find((other) => other.name === proxy)?.listen;
  const taken = view.events.flatMap((event) =>
    event.type === 'data-plane' ? [event.proxies[proxy] ?? ''] : [],
  );
  return [declared ?? '', ...taken].map(normal).filter((address) => address !== '');
}

function hostOf(url: string): string {
  return normal(/^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/?#]+)/i.exec(url)?.[1] ?? '');
}

function normal(address: string): string {
  return address.replace(/^localhost:/i, '127.0.0.1:');
}
