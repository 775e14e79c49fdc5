import type { FaultSetState } from '../../core/fault.ts';
import type { Observation } from '../../core/observation.ts';
import type { FaultDriver } from '../../core/ports.ts';
import { controlClient } from './client.ts';
import { readEvents } from './events.ts';

/** Observations come once a second; this long without one means that the data plane no longer works. */
const SILENCE_MS = 5000;

/** A data plane of our own, over its control API. */
export interface EmbeddedDriver extends FaultDriver {
  held(): Promise<number>;
  /** Lifts a halt. */
  lift(by?: string): Promise<void>;
  /** Lets go of its connections; calls fail after it. */
  close(): Promise<void>;
}

interface ProxyView {
  readonly enabled: boolean;
  readonly toxics: readonly unknown[];
}

/** Connects to the data plane whose control API listens on `control` (`host:port`). Nothing is sent before the first call. */
export function connectDataPlane(control: string): EmbeddedDriver {
  const client = controlClient(control);

  async function* observe(signal: AbortSignal): AsyncGenerator<Observation> {
    try {
      for await (const data of readEvents(client.stream('/observations', signal, SILENCE_MS))) {
        yield JSON.parse(data) as Observation;
      }
    } catch (error) {
      if (!signal.aborted) throw client.gone(error);
    }
  }

  return {
    name: 'embedded',
    counts: true,
    apply: (set) => client.json<FaultSetState>('PUT', '/faults', set),
    empty: (epoch) =>
      client.json<FaultSetState>('DELETE', epoch === undefined ? '/faults' : `/faults?epoch=${epoch}`),
    state: () => client.json<FaultSetState>('GET', '/faults'),
    async manualToxics() {
      const proxies = await client.json<Record<string, ProxyView>>('GET', '/proxies');
      // A proxy that is switched off by hand is Toxiproxy's way to say "down".
      const touched = ([, { enabled, toxics }]: [string, ProxyView]) => !enabled || toxics.length > 0;
      return Object.entries(proxies)
        .filter(touched)
        .map(([name]) => name);
    },
    async held() {
      const abort = new AbortController();
      try {
        for await (const { proxies } of observe(abort.signal)) {
          return Object.values(proxies).reduce((sum, { held }) => sum + held.open, 0);
        }
        throw client.gone(new Error('its observations ended'));
      } finally {
        abort.abort();
      }
    },
    expectCanary: async (proxy, port) => {
      await client.json('POST', '/canaries', { proxy, port });
    },
    halt: async (reason, by) => {
      await client.json('POST', '/halt', { reason, by });
    },
    lift: async (by) => {
      await client.json('DELETE', by === undefined ? '/halt' : `/halt?by=${encodeURIComponent(by)}`);
    },
    observe,
    close: () => client.close(),
  };
}
