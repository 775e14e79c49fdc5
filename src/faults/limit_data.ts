import { z } from 'zod';
import { formatSize } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { bytes } from './attributes.ts';
import type { BytesFault } from './contract.ts';

const attributes = z.strictObject({
  bytes: bytes('What a connection may carry in this direction before it is closed'),
});

/** Toxiproxy's `limit_data`: passes so many bytes of each connection, cutting within a chunk, then closes it. */
export const limitData: BytesFault<z.output<typeof attributes>> = {
  ...ON_ANY_CONNECTION,
  type: 'limit_data',
  layer: 'bytes',
  attributes,
  summary: 'Closes a connection once it has carried so many bytes',
  undo: 'connections below the limit go on; those closed stay closed',
  endsConnections: true,
  addedLatency: () => 0,
  explain: ({ bytes }) =>
    bytes > 0 ? `close the connection after ${formatSize(bytes)}` : 'close the connection at its first data',
  create(context) {
    let passed = 0;
    return {
      capacity: 0,
      held: 0,
      push(chunk) {
        const left = Math.max(0, context.attributes.bytes - passed);
        passed += chunk.length;
        if (left > 0) context.emit(chunk.length > left ? chunk.subarray(0, left) : chunk);
        if (chunk.length < left) return;
        context.injected();
        context.close('fin');
      },
      end: () => context.emitEnd(),
      release: () => {},
    };
  },
};
