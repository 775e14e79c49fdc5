import { z } from 'zod';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import type { ListenerFault } from './contract.ts';

const attributes = z.strictObject({});

/** New connections are refused, live ones go on. A port cannot refuse only some: those are accepted and reset. */
export const refuse: ListenerFault<z.output<typeof attributes>> = {
  ...ON_ANY_CONNECTION,
  type: 'refuse',
  layer: 'listener',
  attributes,
  summary: 'Refuses new connections and leaves live ones alone',
  undo: 'the port is opened again, unless it was closed by hand',
  endsConnections: false,
  addedLatency: () => 0,
  explain: () =>
    'refuse new connections (those it leaves out are let in; the others are accepted, then reset)',
  create: (context) => ({
    get portClosed() {
      return !context.selective;
    },
    admit: () => ({ do: 'close', how: 'rst' }),
    release: () => {},
  }),
};
