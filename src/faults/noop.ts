import { z } from 'zod';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import type { BytesFault } from './contract.ts';

const attributes = z.strictObject({});

/** Toxiproxy's `noop`: every byte passes. */
export const noop: BytesFault<z.output<typeof attributes>> = {
  ...ON_ANY_CONNECTION,
  type: 'noop',
  layer: 'bytes',
  attributes,
  summary: 'Does nothing',
  undo: 'nothing was touched',
  endsConnections: false,
  addedLatency: () => 0,
  explain: () => 'pass every chunk unchanged',
  create: (context) => ({
    capacity: 0,
    held: 0,
    push: (chunk) => context.emit(chunk),
    end: () => context.emitEnd(),
    release: () => {},
  }),
};
