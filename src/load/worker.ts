import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../core/clock.ts';
import type { LoadSummary } from '../core/journal.ts';
import type { LoadSpec } from '../core/plan.ts';
import { fire } from './cannon.ts';
import { type Playing, play } from './play.ts';
import { transportTo } from './transports/index.ts';

/** What the thread is told. One with an `id` is answered by a summary under it. */
export type Order =
  | { readonly do: 'pause' | 'resume' }
  | { readonly do: 'tell'; readonly id: number }
  | { readonly do: 'stop'; readonly id: number; readonly drainMs: number };

/** What the thread says: that it sends, and then its answers. */
export type Told = 'started' | { readonly id: number; readonly summary: LoadSummary };

const playing = start(workerData as LoadSpec);
const tell = (told: Told) => parentPort!.postMessage(told);
tell('started');
parentPort!.on('message', async (order: Order) => {
  if (order.do === 'pause') playing.pause();
  if (order.do === 'resume') playing.resume();
  if (order.do === 'tell') tell({ id: order.id, summary: playing.seen() });
  if (order.do === 'stop') tell({ id: order.id, summary: await playing.stop(order.drainMs) });
});

function start(spec: LoadSpec): Playing {
  const { traffic } = spec;
  return traffic ? play({ traffic, transport: transportTo(spec), clock: systemClock }) : fire(spec);
}
