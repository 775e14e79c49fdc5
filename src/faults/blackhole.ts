import { z } from 'zod';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import type { ListenerFault } from './contract.ts';

const attributes = z.strictObject({});

/** Connections are there and nothing ever answers: new ones are accepted and left, live ones stand still. */
export const blackhole: ListenerFault<z.output<typeof attributes>> = {
  ...ON_ANY_CONNECTION,
  type: 'blackhole',
  layer: 'listener',
  attributes,
  summary: 'Accepts connections and moves nothing in either direction',
  undo: 'held connections are dialled, frozen ones flow on, and no byte is lost',
  endsConnections: false,
  addedLatency: () => Number.POSITIVE_INFINITY,
  explain: () => 'accept connections without dialling the upstream, and read nothing on live ones',
  create() {
    const held = new Set<() => void>();
    return {
      admit: () => ({ do: 'hold', until: (go) => void held.add(go) }),
      engage(live) {
        for (const connection of live) held.add(connection.freeze());
      },
      release() {
        for (const go of held) go();
        held.clear();
      },
    };
  },
};
