import type { Counter } from 'prom-client';
import type { Observation, ProxyObservation } from '../../../core/observation.ts';

type MakeCounter = (name: string, help: string, labelNames: readonly string[]) => Counter;
type Labels = Readonly<Record<string, string>>;

/** Counters that only grow, fed by observations whose counts begin anew with each epoch. */
export function observationCounters(make: MakeCounter) {
  const wire = ['direction', 'proxy', 'listener', 'upstream'];
  const received = growing(
    make('toxiproxy_proxy_received_bytes_total', 'Bytes that a proxy took in, by direction.', wire),
  );
  const sent = growing(
    make('toxiproxy_proxy_sent_bytes_total', 'Bytes that a proxy passed on, by direction.', wire),
  );
  const units = growing(
    make('faultline_units_total', 'Requests, commands, statements; connections on tcp.', ['proxy']),
  );
  const answers = growing(
    make('faultline_answers_total', 'Answers by status and by who made them.', ['proxy', 'status', 'origin']),
  );
  const connections = growing(make('faultline_connections_total', 'Connections accepted.', ['proxy']));
  const resets = growing(
    make('faultline_connections_reset_total', 'Connections that ended by a reset.', ['proxy']),
  );
  const retries = growing(make('faultline_retries_total', 'Requests that say they are retries.', ['proxy']));
  const matched = growing(
    make('faultline_fault_matched_total', 'Units that a fault looked at.', ['proxy', 'fault']),
  );
  const injected = growing(
    make('faultline_fault_injected_total', 'Units that a fault acted on.', ['proxy', 'fault']),
  );
  let latest: Observation | undefined;

  return {
    /** The newest observation of each proxy. */
    now: (): readonly (readonly [string, ProxyObservation])[] => Object.entries(latest?.proxies ?? {}),
    take(observation: Observation, addresses: (proxy: string) => Labels): void {
      latest = observation;
      const { epoch } = observation;
      for (const [proxy, seen] of Object.entries(observation.proxies)) {
        const ends = addresses(proxy);
        for (const bytes of [received, sent]) {
          bytes(epoch, { direction: 'upstream', proxy, ...ends }, seen.bytes.up);
          bytes(epoch, { direction: 'downstream', proxy, ...ends }, seen.bytes.down);
        }
        units(epoch, { proxy }, seen.units);
        retries(epoch, { proxy }, seen.retries);
        connections(epoch, { proxy }, seen.connections.new);
        resets(epoch, { proxy }, seen.connections.reset);
        for (const [status, { organic, injected: made }] of Object.entries(seen.status)) {
          answers(epoch, { proxy, status, origin: 'organic' }, organic);
          answers(epoch, { proxy, status, origin: 'injected' }, made);
        }
        for (const [fault, counts] of Object.entries(seen.faults)) {
          matched(epoch, { proxy, fault }, counts.matched);
          injected(epoch, { proxy, fault }, counts.injected);
        }
      }
    },
  };
}

/** Adds what a count gained since it was last seen in the same epoch; a new epoch counts from 0. */
function growing(counter: Counter) {
  const last = new Map<string, { readonly epoch: number; readonly value: number }>();
  return (epoch: number, labels: Labels, value: number): void => {
    const key = JSON.stringify(labels);
    const before = last.get(key);
    const gained = value - (before?.epoch === epoch && before.value <= value ? before.value : 0);
    counter.inc(labels, gained);
    last.set(key, { epoch, value });
  };
}
