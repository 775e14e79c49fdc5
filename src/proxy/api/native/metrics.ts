import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Observation } from '../../../core/observation.ts';
import { maskUrls } from '../../../core/secrets.ts';
import type { DataPlane } from '../../contract.ts';
import { observationCounters } from './metrics-counters.ts';

export interface Metrics {
  readonly contentType: string;
  /** Prometheus' text format. */
  text(): Promise<string>;
  close(): void;
}

/** Metrics of a data plane, as of the moment they are asked for. */
export function createMetrics(plane: DataPlane): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = observationCounters(
    (name, help, labelNames) => new Counter({ name, help, labelNames, registers: [registry] }),
  );
  addGauges(registry, plane, counters);
  const take = (observation: Observation) =>
    counters.take(observation, (name) => {
      const declaration = plane.proxy(name)?.declaration;
      return { listener: declaration?.listen ?? '', upstream: maskUrls(declaration?.upstream ?? '') };
    });
  let stop: (() => void) | undefined;
  return {
    contentType: registry.contentType,
    text() {
      // Each epoch's last counts must be seen, for the next begins anew; but only once anybody reads.
      stop ??= plane.observe(take);
      take(plane.observation());
      return registry.metrics();
    },
    close: () => stop?.(),
  };
}

function addGauges(
  registry: Registry,
  plane: DataPlane,
  { now }: ReturnType<typeof observationCounters>,
): void {
  const gauge = (name: string, help: string, labelNames: readonly string[], fill: (gauge: Gauge) => void) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        fill(this);
      },
    });
  const single = (name: string, help: string, value: () => number) =>
    gauge(name, help, [], (target) => target.set(value()));

  gauge('faultline_connections_open', 'Connections open now.', ['proxy'], (target) => {
    for (const [proxy, seen] of now()) target.set({ proxy }, seen.connections.open);
  });
  gauge('faultline_units_held', 'Units that a fault holds or delays now.', ['proxy'], (target) => {
    for (const [proxy, seen] of now()) target.set({ proxy }, seen.held.open);
  });
  gauge('faultline_client_requests_open', 'Requests under way now.', ['proxy'], (target) => {
    for (const [proxy, { clients }] of now()) if (clients) target.set({ proxy }, clients.open);
  });
  gauge(
    'faultline_client_request_oldest_seconds',
    'For how long the oldest of them has been under way.',
    ['proxy'],
    (target) => {
      for (const [proxy, { clients }] of now()) if (clients) target.set({ proxy }, clients.oldestMs / 1000);
    },
  );
  gauge('faultline_proxy_listening', 'Whether the port of a proxy is open.', ['proxy'], (target) => {
    for (const { name, listening } of plane.proxies()) target.set({ proxy: name }, Number(listening));
  });
  single('faultline_epoch', 'Epoch in force, or the highest seen.', () => plane.state().epoch);
  single('faultline_faults', 'Leased faults in force.', () => plane.state().faults.length);
  gauge(
    'faultline_units_held_longest_seconds',
    'For how long the longest of them has been held.',
    ['proxy'],
    (target) => {
      for (const [proxy, seen] of now()) target.set({ proxy }, seen.held.longestMs / 1000);
    },
  );
  gauge(
    'faultline_faults_active',
    'Faults in force, by type, leased by a run or set by hand.',
    ['proxy', 'type', 'set'],
    (target) => {
      for (const { proxy, type } of plane.state().faults) target.inc({ proxy, type, set: 'leased' });
      for (const { name, toxics } of plane.proxies())
        for (const { type } of toxics) target.inc({ proxy: name, type, set: 'manual' });
    },
  );
  single(
    'faultline_lease_seconds_left',
    'Time left of the lease; 0 without one.',
    () => plane.state().expiresIn / 1000,
  );
  single('faultline_halted', 'Whether faults are refused until the halt is lifted.', () =>
    Number(plane.state().halted !== undefined),
  );
}
