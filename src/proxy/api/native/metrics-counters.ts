import type { Counter } from 'prom-client';
import type { FaultCounts } from '../../../core/fault.ts';
import type { Observation, ProxyObservation, StatusCounts } from '../../../core/observation.ts';
import { Growing, type Labels } from './metrics-growing.ts';
import { BoundedNames } from './metrics-labels.ts';

type MakeCounter = (name: string, help: string, labelNames: readonly string[]) => Counter;

/** Fault ids, and statuses, of a proxy that have series of their own. */
const MOST_NAMES = 100;

/** Counters that only grow, fed by observations whose counts begin anew with each epoch. */
export function observationCounters(make: MakeCounter) {
  const all: Growing[] = [];
  const growing = (name: string, help: string, labels: readonly string[]) => {
    const counter = new Growing(make(name, help, labels));
    all.push(counter);
    return counter;
  };
  const wire = ['direction', 'proxy', 'listener', 'upstream'];
  const received = growing(
    'toxiproxy_proxy_received_bytes_total',
    'Bytes that a proxy took in, by direction.',
    wire,
  );
  const sent = growing(
    'toxiproxy_proxy_sent_bytes_total',
    'Bytes that a proxy passed on, by direction.',
    wire,
  );
  const units = growing('faultline_units_total', 'Requests, commands, statements; connections on tcp.', [
    'proxy',
  ]);
  const answers = growing('faultline_answers_total', 'Answers by status and by who made them.', [
    'proxy',
    'status',
    'origin',
  ]);
  const connections = growing('faultline_connections_total', 'Connections accepted.', ['proxy']);
  const closed = growing('faultline_connections_closed_total', 'Connections that ended.', ['proxy']);
  const resets = growing('faultline_connections_reset_total', 'Connections that ended by a reset.', [
    'proxy',
  ]);
  const retries = growing('faultline_retries_total', 'Requests that say they are retries.', ['proxy']);
  const failed = growing('faultline_client_failed_total', 'Requests that failed, as clients see it.', [
    'proxy',
  ]);
  const followed = growing(
    'faultline_client_followed_total',
    'Requests that failed and that the same request followed.',
    ['proxy'],
  );
  const told = growing(
    'faultline_client_retry_after_total',
    'Failed answers that said when to come back, and what became of them.',
    ['proxy', 'outcome'],
  );
  const abandoned = growing('faultline_client_abandoned_total', 'Requests that clients gave up.', ['proxy']);
  const truncated = growing(
    'faultline_client_truncated_total',
    'Answers that ended well before they were whole.',
    ['proxy'],
  );
  const matched = growing('faultline_fault_matched_total', 'Units that a fault looked at.', [
    'proxy',
    'fault',
  ]);
  const injected = growing('faultline_fault_injected_total', 'Units that a fault acted on.', [
    'proxy',
    'fault',
  ]);
  const skipped = growing(
    'faultline_fault_skipped_total',
    'Units that a fault took and yet left alone, by reason.',
    ['proxy', 'fault', 'reason'],
  );
  const names = new Map<string, ProxyNames>();
  let latest: Observation | undefined;

  const takeProxy = (epoch: number, proxy: string, seen: ProxyObservation, addresses: Labels) => {
    const known = names.get(proxy) ?? namesOf(proxy, all);
    names.set(proxy, known);
    if (known.epoch !== epoch) {
      known.epoch = epoch;
      known.faults.renew(Object.keys(seen.faults));
      known.statuses.renew(Object.keys(seen.status));
    }
    for (const bytes of [received, sent]) {
      bytes.take(epoch, { direction: 'upstream', proxy }, seen.bytes.up, addresses);
      bytes.take(epoch, { direction: 'downstream', proxy }, seen.bytes.down, addresses);
    }
    units.take(epoch, { proxy }, seen.units);
    retries.take(epoch, { proxy }, seen.retries);
    connections.take(epoch, { proxy }, seen.connections.new);
    closed.take(epoch, { proxy }, seen.connections.closed);
    resets.take(epoch, { proxy }, seen.connections.reset);
    if (seen.clients) {
      const { retryAfter } = seen.clients;
      failed.take(epoch, { proxy }, seen.clients.failed);
      followed.take(epoch, { proxy }, seen.clients.followed);
      for (const outcome of ['told', 'kept', 'early'] as const)
        told.take(epoch, { proxy, outcome }, retryAfter[outcome]);
      abandoned.take(epoch, { proxy }, seen.clients.abandoned.count);
      truncated.take(epoch, { proxy }, seen.clients.truncated.count);
    }
    for (const [status, counts] of folded<StatusCounts>(seen.status, known.statuses)) {
      answers.take(epoch, { proxy, status, origin: 'organic' }, sum(counts, 'organic'));
      answers.take(epoch, { proxy, status, origin: 'injected' }, sum(counts, 'injected'));
    }
    for (const [fault, counts] of folded<FaultCounts>(seen.faults, known.faults)) {
      matched.take(epoch, { proxy, fault }, sum(counts, 'matched'));
      injected.take(epoch, { proxy, fault }, sum(counts, 'injected'));
      for (const reason of new Set(counts.flatMap((count) => Object.keys(count.skipped)))) {
        const units = counts.reduce((total, count) => total + (count.skipped[reason] ?? 0), 0);
        skipped.take(epoch, { proxy, fault, reason }, units);
      }
    }
  };

  return {
    /** The newest observation of each proxy. */
    now: (): readonly (readonly [string, ProxyObservation])[] => Object.entries(latest?.proxies ?? {}),
    take(observation: Observation, addresses: (proxy: string) => Labels): void {
      latest = observation;
      for (const [proxy, seen] of Object.entries(observation.proxies)) {
        takeProxy(observation.epoch, proxy, seen, addresses(proxy));
      }
      for (const proxy of [...names.keys()].filter((name) => !observation.proxies[name])) {
        names.delete(proxy);
        for (const counter of all) counter.forget({ proxy });
      }
    },
  };
}

interface ProxyNames {
  epoch?: number;
  readonly faults: BoundedNames;
  readonly statuses: BoundedNames;
}

function namesOf(proxy: string, all: readonly Growing[]): ProxyNames {
  const bounded = (label: 'fault' | 'status') =>
    new BoundedNames(MOST_NAMES, (name) => {
      for (const counter of all) counter.forget({ proxy, [label]: name });
    });
  return { faults: bounded('fault'), statuses: bounded('status') };
}

/** Counts by label; those without a label of their own stand together. */
function folded<T>(
  counts: Readonly<Record<string, T>>,
  names: BoundedNames,
): ReadonlyMap<string, readonly T[]> {
  const byLabel = new Map<string, T[]>();
  for (const [name, count] of Object.entries(counts)) {
    const label = names.labelOf(name);
    byLabel.set(label, [...(byLabel.get(label) ?? []), count]);
  }
  return byLabel;
}

function sum<K extends string>(counts: readonly Readonly<Record<K, number>>[], key: K): number {
  return counts.reduce((total, count) => total + count[key], 0);
}
