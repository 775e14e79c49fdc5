import { z } from 'zod';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import type { ListenerFault } from './contract.ts';

const attributes = z.strictObject({});

/** The upstream is gone: nobody listens, and live connections are closed. */
export const down: ListenerFault<z.output<typeof attributes>> = {
  ...ON_ANY_CONNECTION,
  manual: false,
  type: 'down',
  layer: 'listener',
  attributes,
  summary: 'Closes the port and every live connection',
  undo: 'the port is opened again, unless it was closed by hand; closed connections stay closed',
  endsConnections: true,
  addedLatency: () => 0,
  explain: () => 'close the port, so that connecting is refused, and close live connections',
  create: (context) => ({
    get portClosed() {
      return !context.selective;
    },
    admit: () => ({ do: 'close', how: 'rst' }),
    engage(live) {
      for (const connection of live) connection.close('fin');
    },
    release: () => {},
  }),
};
